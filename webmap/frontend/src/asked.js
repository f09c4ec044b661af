/** The fourth program: what opens on demand. It comes when somebody asks for it, or when the page has nothing else to do. */
export { makeTiles } from "./map/tiles.js";
export { Notes } from "./notes/notes-tool.js";
export { OwnData } from "./own/own-data.js";
export { installDistrict } from "./panel/district.js";
export { Overlay } from "./panel/overlay.js";
export { ScansTool } from "./sheets/sheets-tool.js";
export { find, prepare } from "./sidebar/match.js";
export { parsePlace } from "./sidebar/place-model.js";
export { EmbedDialog } from "./tools/embed-dialog.js";
export { FigureDialog } from "./tools/figure-dialog.js";
export { Measure } from "./tools/measure.js";
export { installPrinting } from "./tools/printing.js";
export { installRemote } from "./tools/remote.js";
