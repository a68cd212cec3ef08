# A node in a container. Arguments behind the image's name go to 'cyphermesh run'.
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /src
# Maven's own libraries make JDK 25 warn.
ENV MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"

# What is needed from the internet comes first: this layer is kept until a pom changes.
COPY pom.xml ./
COPY api/pom.xml api/
COPY core/pom.xml core/
COPY plugins/pom.xml plugins/
COPY plugins/tcp-transport/pom.xml plugins/tcp-transport/
COPY plugins/log-watcher/pom.xml plugins/log-watcher/
COPY plugins/lan-discovery/pom.xml plugins/lan-discovery/
COPY plugins/suricata-bridge/pom.xml plugins/suricata-bridge/
COPY plugins/syslog-exporter/pom.xml plugins/syslog-exporter/
COPY plugins/webhook-exporter/pom.xml plugins/webhook-exporter/
COPY plugins/template/pom.xml plugins/template/
COPY testkit/pom.xml testkit/
COPY dashboard/pom.xml dashboard/
COPY distribution/pom.xml distribution/
COPY distribution/src/main/assembly distribution/src/main/assembly
# Builds empty jars. Some step may miss its sources, which the real build below has: no failure here.
RUN mvn -q -B -ntp -fae package -Dmaven.test.skip=true -Djacoco.skip=true -Dsdk.skip=true >/dev/null 2>&1 || true

COPY . .
# In the end without the native libraries of the other kind of machine, and without what is for reading.
RUN mvn -q -B -ntp package -Dmaven.test.skip=true -Djacoco.skip=true -Dsdk.skip=true \
 && mkdir /opt/cyphermesh \
 && tar -xzf distribution/target/cyphermesh-*-linux-*.tar.gz -C /opt/cyphermesh --strip-components=1 \
 && case $(uname -m) in \
      x86_64) rm -r /opt/cyphermesh/lib/native/*aarch_64* ;; \
      aarch64) rm -r /opt/cyphermesh/lib/native/*x86_64* ;; \
    esac

FROM debian:bookworm-slim
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CypherMesh" \
      org.opencontainers.image.description="Shares, verifies and stores cyber threat intelligence, peer to peer" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="debian:bookworm-slim"
# The home stays /root, where the volume has always been; others may only pass through it.
RUN groupadd --system --gid 10001 cyphermesh \
 && useradd --system --uid 10001 --gid 10001 --home-dir /root --shell /usr/sbin/nologin cyphermesh \
 && mkdir -p /root/.cyphermesh /plugins \
 && chmod 711 /root \
 && chown 10001:10001 /root/.cyphermesh \
 && chmod 700 /root/.cyphermesh
COPY --from=build /opt/cyphermesh /opt/cyphermesh
COPY distribution/src/main/docker/health /usr/local/bin/cyphermesh-healthy
# The AOT cache: a container starts in half the time.
RUN ln -s /opt/cyphermesh/bin/cyphermesh /opt/cyphermesh/bin/cyphermesh-add-peer /usr/local/bin/ \
 && cyphermesh warm-up

ENV CYPHER_DATA_DIR=/root/.cyphermesh \
    CYPHER_PLUGINS_DIR=/plugins
USER 10001
WORKDIR /root/.cyphermesh
VOLUME /root/.cyphermesh
EXPOSE 9001 5050 9999/udp
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["cyphermesh-healthy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["cyphermesh", "run"]
