/** Whether an object itself has a key: `Object.hasOwn`, which Chrome has since 93. */
export const owns = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
