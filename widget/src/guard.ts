/** The same function, but what it throws is told to the console and not to the page around it. */
export function guarded<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      console.warn("roll-call:", error);
    }
  };
}
