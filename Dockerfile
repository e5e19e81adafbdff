# The emulator:        docker build -t pardot-mock . && docker run -p 127.0.0.1:8000:8000 pardot-mock
# The contract suite:  docker build -t pardot-contracts --target contracts .
FROM python:3.12-slim AS source
WORKDIR /source
RUN python -m venv /opt/pardot-mock
COPY pyproject.toml README.md LICENSE ./
COPY mock_server mock_server
COPY client client
COPY contract_tests contract_tests
COPY fixtures fixtures

FROM source AS build
RUN /opt/pardot-mock/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM build AS build-contracts
RUN /opt/pardot-mock/bin/pip install --no-cache-dir --disable-pip-version-check '.[contracts]'

FROM python:3.12-slim AS base
LABEL org.opencontainers.image.title="pardot-mock" \
      org.opencontainers.image.description="An emulator of the Pardot Export API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# A user of its own, which owns nothing but the place of the sealed files and the certificates.
# Others may enter it, to read the certificate; what is sealed has a folder closed to them.
RUN groupadd --system --gid 10001 mock \
    && useradd --system --uid 10001 --gid mock --home-dir /var/lib/pardot-mock \
       --shell /usr/sbin/nologin mock \
    && install -d -o mock -g mock -m 0755 /var/lib/pardot-mock
ENV PATH=/opt/pardot-mock/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/pardot-mock

FROM base AS contracts
LABEL org.opencontainers.image.title="pardot-contracts" \
      org.opencontainers.image.description="The contract suite of the Pardot Export API"
COPY --from=build-contracts /opt/pardot-mock /opt/pardot-mock
ENTRYPOINT ["pardot-contracts"]

FROM base AS serve
COPY --from=build /opt/pardot-mock /opt/pardot-mock
ENV PARDOT_MOCK_DATA_DIR=/var/lib/pardot-mock
VOLUME /var/lib/pardot-mock
EXPOSE 8000 8443
STOPSIGNAL SIGTERM

# Python instead of curl, which the slim image does not have; http.client heeds no proxy variables.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PARDOT_MOCK_PORT', '8000')), timeout=2); c.request('GET', '/_mock/health'); sys.exit(c.getresponse().status != 200)"]

# Bound wider than loopback, so the control plane asks for a Bearer token: the one in
# PARDOT_MOCK_CONTROL_TOKEN, else one made up at the start and printed with the credentials.
CMD ["pardot-mock", "serve", "--host", "0.0.0.0"]
