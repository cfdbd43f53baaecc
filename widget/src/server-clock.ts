/** The server's clock, as far as it shows itself; until then the visitor's own is believed. */
export interface ServerClock {
  /** Milliseconds since `time`, a moment on the server's clock. */
  age(time: number): number;
  /** It is `time` there now. */
  set(time: number): void;
  /** An answer was made at `date` (`NaN`: it does not say), which is now (`exact`) or longer ago. */
  hear(date: number, exact: boolean): void;
}

export function serverClock(): ServerClock {
  /** Theirs against ours, in milliseconds. */
  let offset = 0;
  const set = (time: number): void => {
    offset = time - Date.now();
  };
  return {
    age: (time) => Math.max(0, Date.now() + offset - time),
    set,
    // An answer out of a cache can prove our clock slow, but to call it fast by that would make every kept answer look
    // fresh.
    hear(date, exact) {
      if (date > (exact ? 0 : Date.now() + offset)) set(date);
    },
  };
}
