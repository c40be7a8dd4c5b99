// A list that this browser keeps for all its tabs: it is read again before each change, so that no
// tab loses what another one has kept. Where there is no storage, it lasts as long as the page.

// An entry is {query, name, at}: what entries.js writes, a name somebody gave it or "", ms since 1970.
function createShelf(name, { most, onChange }) {
  let own = null; // the list, while the browser does not take it

  // What lies in the storage is anybody's. What it says is read when it is shown or opened.
  function readEntry(raw) {
    if (typeof raw?.query !== "string" || typeof raw.name !== "string") return [];
    return [{ query: raw.query, name: plainName(raw.name), at: Number(raw.at) || 0 }];
  }

  function list() {
    const stored = own || memory.read(name);
    return Array.isArray(stored) ? stored.flatMap(readEntry).slice(0, most) : [];
  }

  memory.watch(name, onChange);
  return {
    list,
    most,
    lost: () => own !== null,
    change(edit) {
      const next = edit(list()).slice(0, most);
      own = memory.write(name, next) ? null : next;
      onChange();
    },
  };
}

// A name as one short line of text.
function plainName(text) {
  return text.replace(/[\s\p{C}]+/gu, " ").trim().slice(0, 80);
}
