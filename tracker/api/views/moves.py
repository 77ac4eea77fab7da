from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from assessments import services as checkups
from tracker.api.serializers.moves import (
    GateAnswersSerializer,
    GateSerializer,
    HabitSerializer,
    MorningSerializer,
    MoveDetailSerializer,
    MoveSerializer,
    SessionSerializer,
    TodaySerializer,
    TodayWishSerializer,
    TrialSerializer,
    WishSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.domain.moves import MOVE, MOVES
from tracker.models import ExerciseSession
from tracker.services import exercises, move_plans, move_trial


class MoveViewSet(PatientViewSet):
    """The twelve morning moves, today's list of them, and what the patient wishes of it."""

    queryset = ExerciseSession.objects.none()
    serializer_class = TodaySerializer
    pagination_class = None

    @extend_schema(responses=MoveSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All twelve, each with its three stages."""
        return Response(MoveSerializer(MOVES, many=True).data)

    @extend_schema(responses=MoveDetailSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """One of them with its drawings, when it was done last, and how it stands today and why."""
        _known(key)
        told = {"last_done": exercises.last_done(patient=self.patient, move=key)}
        return Response(MoveDetailSerializer(MOVE[key], context=told | self._day()).data)

    @extend_schema(responses=TodaySerializer)
    def today(self, request: Request) -> Response:
        """Today's list, why it is so, and whether something holds it."""
        return self._today()

    @extend_schema(request=TodayWishSerializer, responses=TodaySerializer)
    def wish_today(self, request: Request) -> Response:
        """Everything easier, or another move of the same purpose in the place of one: for today alone."""
        said, (_now, today) = self._said(TodayWishSerializer), self.now_and_today()
        swapped = (said["swap"]["old"], said["swap"]["new"]) if "swap" in said else None
        move_plans.wish_for_today(by=request.user, on=today, is_easier=said.get("is_easier"), swapped=swapped)
        return self._today()

    @extend_schema(request=WishSerializer, responses=TodaySerializer)
    def wish(self, request: Request, key: str) -> Response:
        """How a move is wanted from now on."""
        return self._wish(key, self._said(WishSerializer)["wish"])

    @extend_schema(request=None, responses=TodaySerializer)
    def unwish(self, request: Request, key: str) -> Response:
        """Ebb chooses again."""
        return self._wish(key, "")

    @extend_schema(responses=GateSerializer)
    def gate(self, request: Request) -> Response:
        """The safety points, what was answered, and what the health profile says of them."""
        return self._gate()

    @extend_schema(request=GateAnswersSerializer, responses=GateSerializer)
    def answer_gate(self, request: Request) -> Response:
        """An answer to every point; the first time the programme begins with it."""
        said, (_now, today) = self._said(GateAnswersSerializer), self.now_and_today()
        move_plans.answer_gate(by=request.user, answers=said, on=today)
        return self._gate()

    @extend_schema(responses=HabitSerializer)
    def habit(self, request: Request) -> Response:
        """After what the moves come, and when the patient gets up."""
        return self._habit()

    @extend_schema(request=HabitSerializer, responses=HabitSerializer)
    def set_habit(self, request: Request) -> Response:
        """Change what is given."""
        said, (_now, today) = self._said(HabitSerializer), self.now_and_today()
        programme = exercises.programme_at_hand(patient=self.patient, on=today)
        move_plans.set_habit(by=request.user, on=today, **{"rises_at": programme.rises_at} | said)
        return self._habit()

    @extend_schema(request=TrialSerializer, responses=TrialSerializer)
    def trial(self, request: Request) -> Response:
        """Whether they are judged like a treatment; with a yes they are one from today on, once."""
        said, (now, today) = self._said(TrialSerializer), self.now_and_today()
        programme = move_trial.decide(by=request.user, at=now, on=today, **said)
        return Response(TrialSerializer(programme).data)

    def _said(self, serializer: Any) -> dict[str, Any]:
        return serializer().run_validation(self.request.data)

    def _day(self) -> dict[str, Any]:
        now, _today = self.now_and_today()
        is_paused = checkups.exercise_is_paused(self.request.user)
        return {"day": move_plans.day_of(patient=self.patient, at=now), "is_paused": is_paused}

    def _today(self) -> Response:
        told = self._day()
        return Response(TodaySerializer(told["day"], context=told).data)

    def _wish(self, key: str, wish: str) -> Response:
        _known(key)
        _now, today = self.now_and_today()
        move_plans.wish(by=self.request.user, move=key, wish=wish, on=today)
        return self._today()

    def _gate(self) -> Response:
        _now, today = self.now_and_today()
        programme = exercises.programme_at_hand(patient=self.patient, on=today)
        gate = move_plans.gate_of(programme=programme, on=today)
        return Response(GateSerializer.of(gate, move_plans.prefilled(patient=self.patient)))

    def _habit(self) -> Response:
        _now, today = self.now_and_today()
        programme = exercises.programme_at_hand(patient=self.patient, on=today)
        told = {"days_done": move_plans.n_days_done(self.patient)}
        return Response(HabitSerializer(programme, context=told).data)


class SessionViewSet(PatientViewSet):
    """Morning moves that were done: one session a local day, and the day is its key."""

    queryset = ExerciseSession.objects.none()
    serializer_class = SessionSerializer
    lookup_field = "local_date"
    ordering = ("-local_date",)

    def get_queryset(self) -> QuerySet[ExerciseSession]:
        return self.patient.exercise_sessions.all()

    @makes_or_replaces(SessionSerializer)
    def replace(self, request: Request, local_date: str) -> Response:
        """Write down what was done on that day; sent twice, it is one session."""
        day, said = _day(local_date), self.said()
        now, _ = self.now_and_today()
        is_new = not exercises.is_done(patient=self.patient, on=day)
        return self.shown(exercises.record(by=request.user, on=day, at=now, **said), is_new=is_new)

    def destroy(self, request: Request, local_date: str) -> Response:
        """Take back what was written down by mistake: nothing was done on that day."""
        try:
            exercises.remove(by=request.user, on=_day(local_date))
        except exercises.NoSession:
            raise Http404 from None
        return Response(status=204)

    @makes_or_replaces(SessionSerializer)
    def merge(self, request: Request, local_date: str) -> Response:
        """Add what one device knows of that day: all moves count, and of amounts and pain the most. Sent again, or by
        two devices, it stays one session."""
        day, said = _day(local_date), self.said()
        now, _ = self.now_and_today()
        is_new = not exercises.is_done(patient=self.patient, on=day)
        return self.shown(exercises.merge(by=request.user, on=day, at=now, **said), is_new=is_new)

    @extend_schema(request=MorningSerializer, responses=SessionSerializer)
    def morning(self, request: Request, local_date: str) -> Response:
        """How much it hurt on the morning after the session of that day."""
        day = _day(local_date)
        if not exercises.is_done(patient=self.patient, on=day):
            raise Http404
        said = MorningSerializer().run_validation(request.data)
        now, _ = self.now_and_today()
        return self.shown(exercises.note_morning(by=request.user, on=day, at=now, **said))


def _known(key: str) -> None:
    if key not in MOVE:
        raise Http404


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
