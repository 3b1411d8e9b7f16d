# The image of zdd-verify. `scripts/image` makes the folder that it is built from: package/, the packed project with its
# dependencies as they are locked. BASE: any image with Node >= 20.18.1 and /bin/sh, of the machine's own libc.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
COPY --chown=0:0 package/ /opt/zdd-verify/
# By number: Kubernetes can tell then that it is not root.
USER 10001:10001
ENV PATH=/opt/zdd-verify/dist/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production \
    HOME=/tmp
# Where a scenario lies, and its reports: a volume.
WORKDIR /work
ENTRYPOINT ["zdd-verify"]
CMD ["--help"]
