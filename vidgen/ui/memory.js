// What this browser remembers: JSON under our own names. A frame may have no storage at all.
const memory = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`vidgen:${name}`));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`vidgen:${name}`, JSON.stringify(value));
    } catch {
      // Then it is forgotten with the page.
    }
  },
};
