"""A uvicorn worker that gives up no connection it has accepted.

Uvicorn's own (0.17) closes, when it is told to stop, every connection on which no request is under way: also one that
was accepted a moment ago and whose request it has not read yet. The proxy then answers 502.
"""

import asyncio

from uvicorn.server import Server
from uvicorn.workers import UvicornWorker


class DrainingServer(Server):
    async def shutdown(self, sockets=None):
        for server in self.servers:
            server.close()  # accepts no more; the other workers do, on the same socket
        await asyncio.sleep(0.5)  # for the requests of those that were accepted
        await super().shutdown(sockets)


class DrainingWorker(UvicornWorker):
    async def _serve(self):
        self.config.app = self.wsgi
        server = DrainingServer(config=self.config)
        await server.serve(sockets=self.sockets)
        if not server.started:
            raise SystemExit(3)  # gunicorn's code for a worker that did not boot
