# Pawl's server in a container.
#
#   docker build --tag pawl .
#   docker run --detach --name pawl --publish 8080:8080 --volume pawl:/var/lib/pawl --env PAWL_PUBLIC_URL=https://pawl.example pawl
#
# `docker logs pawl` then shows the address under which the GitHub App is made. With --env DATABASE_URL any number of containers
# work together: `serve` takes requests in and works, `serve --no-work` only takes them in, `work` only works.
#
# Runners judge by the Pawl and by the version of Python that stand here: this file is the only place to choose them.

FROM python:3.13-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY .requirements/run.txt /tmp/run.txt
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --requirement /tmp/run.txt

FROM python:3.13-slim-bookworm
# git reads repositories, bubblewrap keeps what is not trusted apart.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/pawl pawl \
    && install --directory --owner=pawl --mode=700 /var/lib/pawl /var/cache/pawl
COPY --from=packages /opt/venv /opt/venv
COPY LICENSE app.yml /opt/pawl/
COPY .requirements/run.txt /opt/pawl/.requirements/run.txt
COPY bot /opt/pawl/bot
COPY policies /opt/pawl/policies
COPY workflows /opt/pawl/workflows
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/pawl \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PAWL_HOME=/var/lib/pawl \
    PAWL_CACHE=/var/cache/pawl \
    PAWL_HOST=0.0.0.0 \
    PAWL_PORT=8080 \
    PAWL_LOG=info \
    PAWL_LOG_FORM=json
USER 10001
WORKDIR /var/lib/pawl
VOLUME ["/var/lib/pawl"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PAWL_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
