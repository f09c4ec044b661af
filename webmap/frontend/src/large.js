/** The program of plans with large layers: it comes when one is shown first, and needs nothing but the first program. */
export { LargeLayer } from "./map/large.js";
