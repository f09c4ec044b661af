/** A program of its own that comes after the first second (`core/later.js`); it shares nothing with the other. */
import icons from "planmap:icons";

export { projector, unprojector } from "./core/coordinates.js";
export { areaOf, lengthOf } from "./tools/geodesy.js";
export { icons };
