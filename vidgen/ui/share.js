// Taking it along: the link of what is shown, and files that are handed to the browser.

// Has the browser save a file.
function handOver(blob, name) {
  const link = makeNode("a", { download: name });
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function bindShare(root, { address, say }) {
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

  root.querySelector('[data-act="link"]').addEventListener("click", async (event) => {
    const link = address.link();
    const button = event.currentTarget;
    const copied = await copy(link);
    button.focus();
    // Where there is no way at all, the link is there to be copied by hand.
    say(copied ? { key: "link_copied", kind: "good" } : { message: link, kind: "link" });
  });
}
