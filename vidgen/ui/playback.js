// The buttons around the stage: playing, speed, scaling, the link and the download.

function bindPlayback(root, { stage, words, say, address, form, act, role }) {
  const toggle = () => {
    if (stage.state.playing) stage.pause();
    else stage.play();
    root.dataset.playing = String(stage.state.playing);
    act("play").setAttribute("aria-label", words(stage.state.playing ? "pause" : "play"));
  };
  act("play").addEventListener("click", toggle);
  act("back").addEventListener("click", () => stage.step(-1));
  act("forward").addEventListener("click", () => stage.step(1));
  role("scrub").addEventListener("input", (event) => stage.seek(Number(event.target.value)));
  role("repeat").addEventListener("change", (event) => (stage.state.repeat = event.target.value));
  role("speed").addEventListener("change", (event) => (stage.state.speed = Number(event.target.value)));
  act("pixels").addEventListener("click", (event) => {
    stage.state.pixelated = !stage.state.pixelated;
    event.currentTarget.setAttribute("aria-pressed", String(stage.state.pixelated));
    stage.redraw();
  });
  role("canvas").addEventListener("click", toggle);
  role("canvas").addEventListener("keydown", (event) => {
    const keys = { " ": toggle, ArrowLeft: () => stage.step(-1), ArrowRight: () => stage.step(1) };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  // Gradio's own button, in its hidden footer: a link to ?view=api loads no documentation (6.31).
  act("api").addEventListener("click", () => document.querySelector("footer .show-api")?.click());
  act("link").addEventListener("click", async () => {
    const link = address.link(form());
    try {
      await navigator.clipboard.writeText(link);
      say({ key: "link_copied", kind: "good" });
    } catch {
      // A frame of another origin may not use the clipboard: show the link to be copied by hand.
      say({ message: link, kind: "good" });
    }
  });
  act("download").addEventListener("click", async (event) => {
    event.preventDefault();
    const target = event.currentTarget;
    say({ key: "download_busy", kind: "busy" });
    try {
      const answer = await fetch(target.href, {
        headers: { "Accept-Language": document.documentElement.lang },
      });
      if (!answer.ok) {
        const body = await answer.json();
        return say({ message: body.message });
      }
      save(await answer.blob(), answer.headers.get("Content-Disposition") || "");
      say({ key: "download_done", kind: "good" });
    } catch {
      say({ key: "trouble_gone" });
    }
  });

  function save(blob, disposition) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = (disposition.match(/filename="([^"]+)"/) || [])[1] || "clip.mp4";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
}
