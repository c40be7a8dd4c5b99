"""The routes under /train: what can be trained, how runs go, and what is done about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgen.legal import RequestError
from vidgen.moments import list_moments, read_moment, read_picture
from vidgen.progress import curves
from vidgen.training import Training
from vidgen.ui.answers import Refusal, picture_answer
from vidgen.ui.guard import demand_own_page, read_asked
from vidgen.ui.guarded import FRESH, GuardedRoutes, answering


class TrainRoutes(GuardedRoutes):
    """The routes over one Training; every one of them is for this machine's own page alone."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training

    def table(self) -> list[Route]:
        """Return the routes, relative to wherever the page is mounted."""
        return [
            Route("/train/presets", self.presets),
            Route("/train/runs", self.runs),
            Route("/train/run", self.run),
            Route("/train/moment", self.moment),
            Route("/train/picture", self.picture),
            *(
                Route(f"/train/{verb}", getattr(self, verb), methods=["POST"])
                for verb in ("begin", "resume", "pause", "ship", "delete")
            ),
        ]

    @answering
    async def presets(self, request: Request) -> Response:
        """Answer what can be trained."""
        demand_own_page(request)
        presets = await self.do(request, self._training.presets)
        return JSONResponse({"presets": presets}, headers=FRESH)

    @answering
    async def runs(self, request: Request) -> Response:
        """Answer how all runs stand, the newest first."""
        demand_own_page(request)

        def describe() -> list[dict[str, Any]]:
            return [self._training.describe(run) for run in self._training.runs()]

        return JSONResponse({"runs": await self.do(request, describe)}, headers=FRESH)

    @answering
    async def run(self, request: Request) -> Response:
        """Answer how one run goes, with its curves."""
        demand_own_page(request)
        name = request.query_params.get("run", "")

        def look() -> dict[str, Any]:
            run = self._training.run(name)
            return {
                **self._training.describe(run),
                "curves": curves(self._training.log(run)),
                "moments": list_moments(run.folder),
            }

        return JSONResponse(await self.do(request, look), headers=FRESH)

    @answering
    async def moment(self, request: Request) -> Response:
        """Answer what is to be said of a moment of a run: ?run=NAME&step=N."""
        demand_own_page(request)
        words = await self.do(request, self._moment, request.query_params)
        return JSONResponse(words, headers=FRESH)

    @answering
    async def picture(self, request: Request) -> Response:
        """Answer a sheet of a moment, its clips or, with kind=heat, what critics look at."""
        demand_own_page(request)
        query = request.query_params
        words = await self.do(request, self._moment, query)
        kind = "heat" if query.get("kind") == "heat" else "clips"
        folder = self._training.run(query.get("run", "")).folder
        data = await self.do(request, read_picture, folder, words["step"], kind)
        if data is None:
            raise Refusal(404, {"message": ""})  # a later one took its place just now
        shape = words["heat" if kind == "heat" else "shape"]
        meta = {**shape, "fps": words["fps"], "device": "", "cached": True, "ready_made": True}
        return picture_answer(data, "image/jpeg", meta, "no-store")

    @answering
    async def begin(self, request: Request) -> Response:
        """Begin the run that is asked for."""
        return await self._act(request, self._training.start)

    @answering
    async def resume(self, request: Request) -> Response:
        """Let a run go on."""
        return await self._act(request, lambda asked: self._training.resume(asked.get("run")))

    @answering
    async def pause(self, request: Request) -> Response:
        """Ask a run to save and end."""
        return await self._act(request, lambda asked: self._training.pause(asked.get("run")))

    @answering
    async def ship(self, request: Request) -> Response:
        """Make a release of a run."""
        asked = await read_asked(request)
        name = await self.do(request, self._training.ship, asked.get("run"), asked.get("name"))
        return JSONResponse({"release": name}, headers=FRESH)

    @answering
    async def delete(self, request: Request) -> Response:
        """Take a run away."""
        asked = await read_asked(request)
        name = await self.do(request, self._training.delete, asked.get("run"))
        return JSONResponse({"deleted": name}, headers=FRESH)

    def _moment(self, query: Mapping[str, str]) -> dict[str, Any]:
        run, text = self._training.run(query.get("run", "")), query.get("step", "")
        step = int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else -1
        words = read_moment(run.folder, step) if step >= 0 else None
        if words is None:
            raise RequestError("step", text, ("a moment of this run", "该训练的一个时刻"))
        return words

    async def _act(self, request: Request, deed: Callable[[dict[str, Any]], Any]) -> Response:
        run = await self.do(request, deed, await read_asked(request))
        told = await self.do(request, self._training.describe, run)
        return JSONResponse(told, headers=FRESH)
