// What this browser remembers: JSON under our own names. A frame may have no storage at all.
const memory = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`vidgen:${name}`));
    } catch {
      return null;
    }
  },
  // Whether it is kept; else it is forgotten with the page.
  write(name, value) {
    try {
      localStorage.setItem(`vidgen:${name}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  // Calls back when another tab has written it, or cleared everything.
  watch(name, onChange) {
    window.addEventListener("storage", ({ key }) => {
      if (key === null || key === `vidgen:${name}`) onChange();
    });
  },
};
