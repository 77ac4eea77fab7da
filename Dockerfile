FROM python:3.11-slim

WORKDIR /srv/ebb
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY manage.py pyproject.toml ./
COPY config config
COPY tracker tracker
COPY assessments assessments

RUN useradd --system --home-dir /var/lib/ebb --create-home ebb
USER ebb
ENV EBB_VAR=/var/lib/ebb EBB_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /var/lib/ebb
EXPOSE 8000

# Everything in one container, for a small installation; compose.yaml runs the parts apart.
CMD ["python", "manage.py", "up"]
