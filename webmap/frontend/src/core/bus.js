/** A small event bus: `on` returns the function that takes the listener off again. */
export function createBus() {
  const listeners = new Map();
  return {
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listener);
      return () => listeners.get(event).delete(listener);
    },
    emit(event, detail) {
      for (const listener of [...(listeners.get(event) || [])]) {
        // One broken listener must not keep the others from hearing.
        try {
          listener(detail);
        } catch (error) {
          console.error(`listener of "${event}" failed`, error);
        }
      }
    },
  };
}
