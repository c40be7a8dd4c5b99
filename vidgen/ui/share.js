// Taking it along: the link of what is shown, and the clip as a file.

function bindShare(root, { address, words, say, href }) {
  const act = (name) => root.querySelector(`[data-act="${name}"]`);

  // A frame of another origin may not use the clipboard's newer way; the older one asks nobody.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const box = makeNode("textarea", { readonly: "", class: "vg-unseen" });
      box.value = text;
      root.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      return done;
    }
  }

  function save(blob, disposition) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = (disposition.match(/filename="([^"]+)"/) || [])[1] || "clip.mp4";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  act("link").addEventListener("click", async (event) => {
    const link = address.link();
    const button = event.currentTarget;
    const copied = await copy(link);
    button.focus();
    // Where there is no way at all, the link is there to be copied by hand.
    say(copied ? { key: "link_copied", kind: "good" } : { message: link, kind: "link" });
  });
  act("download").addEventListener("click", async (event) => {
    event.preventDefault();
    say({ key: "download_busy", kind: "busy" });
    try {
      const answer = await fetch(href(), { headers: { "Accept-Language": document.documentElement.lang } });
      if (!answer.ok) return say({ message: (await answer.json()).message });
      save(await answer.blob(), answer.headers.get("Content-Disposition") || "");
      say({ key: "download_done", kind: "good" });
    } catch {
      say({ key: "trouble_gone" });
    }
  });
}
