"""How much memory the server, the browser and the page hold, in MB of 2**20 bytes."""

from __future__ import annotations

import re
from pathlib import Path

from figures import BenchError
from playwright.async_api import Browser, Page


def resident_mb(pid: int) -> float:
    """Return what a process keeps in memory.

    Raises:
        BenchError: this system does not tell.
    """
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    if found is None:
        raise BenchError("memory is read from /proc, which this system lacks: --only page works")
    return round(int(found[1]) / 1024, 1)


async def heap_mb(page: Page) -> float:
    """Return the JavaScript heap of a page that holds no garbage."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    await session.send("Performance.enable")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    await session.detach()
    used = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")
    return round(used / 2**20, 2)


async def browser_mb(browser: Browser) -> float:
    """Return what all processes of a browser keep; pictures lie in others than the page's own."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    return round(sum(resident_mb(each["id"]) for each in processes), 1)
