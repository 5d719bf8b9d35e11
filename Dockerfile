# The images. `docker build --target pbx .` is what a tenant's pod runs, agent and Asterisk alike; `--target operator .`
# is the operator. Everything runs as 65532 with a read-only root, and nothing in here can become another user.
ARG BASE=debian:forky-slim

# Asterisk alone: what `up` runs where a container runtime is; `docker build --target asterisk .` It comes first, since
# not every builder skips the stages before the one that is asked for.
FROM ${BASE} AS asterisk
ARG DEBIAN_FRONTEND=noninteractive
COPY src/standalone/asterisk/documentation.xsl /tmp/
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      asterisk asterisk-core-sounds-en-gsm asterisk-moh-opsound-gsm tini xsltproc \
 && cd /usr/share/asterisk/documentation \
 && xsltproc --nonet --novalid -o brief.xml /tmp/documentation.xsl core-en_US.xml && mv brief.xml core-en_US.xml \
 && rm /tmp/documentation.xsl && apt-get purge -y --auto-remove xsltproc \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +

FROM ${BASE} AS build
# Where the network has an authority of its own: a file to trust, brought in with --volume.
ARG NODE_EXTRA_CA_CERTS
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates nodejs npm
WORKDIR /src
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY src src
# by the Node of the npm package: Debian's runs no TypeScript
RUN npm run build

FROM asterisk AS pbx
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates nodejs \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /src/dist/agent.js /src/dist/phones.js /src/dist/package.json /opt/ringfleet/
ARG VERSION=dev
ENV RINGFLEET_VERSION=${VERSION}
USER 65532:65532

FROM ${BASE} AS operator
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates nodejs \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /src/dist/operator.js /src/dist/package.json /opt/ringfleet/
ARG VERSION=dev
ENV RINGFLEET_VERSION=${VERSION}
USER 65532:65532
ENTRYPOINT ["node", "/opt/ringfleet/operator.js"]
