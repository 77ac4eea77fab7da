"""The files of a record that is being brought: apart from it, and cleaned before anything else has to wait for them."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tracker.domain.errors import DomainError
from tracker.services import attachments


class Apart(Mapping[int, bytes]):
    """Files by their numbers, each read when it is asked for."""

    @abstractmethod
    def is_clean(self, number: int) -> bool:
        """Whether it has been written anew, without what a camera or a clinic wrote into it."""

    @abstractmethod
    def put_clean(self, number: int, content: bytes) -> None:
        """In the place of what was there."""


class Folder(Apart):
    """Files that lie on the disk for a while."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clean: set[int] = set()

    def keep(self, number: int, content: bytes) -> None:
        (self.folder / str(number)).write_bytes(content)

    def is_clean(self, number: int) -> bool:
        return number in self.clean

    def put_clean(self, number: int, content: bytes) -> None:
        self.keep(number, content)
        self.clean.add(number)

    def __getitem__(self, number: int) -> bytes:
        try:
            return (self.folder / str(number)).read_bytes()
        except FileNotFoundError:
            raise KeyError(number) from None

    def __iter__(self) -> Iterator[int]:
        return (int(file.name) for file in self.folder.iterdir())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def clean(apart: Apart) -> None:
    """Each that is not clean yet, one at a time, holding nothing in the database meanwhile.

    What cannot be cleaned stays as it is: who adds it to the record finds out, and can say where it stood.
    """
    for number in sorted(apart):
        if not apart.is_clean(number):
            with suppress(DomainError):
                apart.put_clean(number, attachments.cleaned_file(apart[number]))
