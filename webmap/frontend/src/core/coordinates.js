/** Coordinates as text: WGS 84 in degrees, and the plan's projected system, whose definition the page brings. */
import Proj from "proj4/lib/Proj.js";
import etmerc from "proj4/lib/projections/etmerc.js";

Proj.projections.add(etmerc);

/**
 * `(lon, lat) -> {east, north}` in metres for the PROJ definition of a transverse Mercator system; null
 * where there is no definition or it cannot be read. Degrees are taken on the definition's own datum:
 * WGS 84 and CGCS2000 differ by decimetres, far below what a pointer on a screen can mean.
 */
export function projector(definition) {
  if (!definition) return null;
  try {
    const system = new Proj(definition);
    return (lon, lat) => {
      const { x, y } = system.forward({ x: (lon * Math.PI) / 180, y: (lat * Math.PI) / 180 });
      return { east: x, north: y };
    };
  } catch (error) {
    console.error("no projected coordinates:", error);
    return null;
  }
}

/** `(meridian, east, north) → {lng, lat}` in degrees, for a zone like the plan's around any meridian; null without definition. */
export function unprojector(definition) {
  if (!projector(definition)) return null;
  return (meridian, east, north) => {
    const system = new Proj(definition.replace(/\+lon_0=[-\d.]+/, `+lon_0=${meridian}`));
    const { x, y } = system.inverse({ x: east, y: north });
    return { lng: (x * 180) / Math.PI, lat: (y * 180) / Math.PI };
  };
}
