/** Questions about the ground under a plan, from what is said of its layers. Pure. */

const GROUND = "ground";

/** Whether the lowest layer is ground that goes all round the plan, such as its neighbours: the paper lies on it. */
export function goesRound([lowest, ...others]) {
  const plan = others.find((spec) => (spec.kinds || []).includes("district"));
  if (!plan?.bounds || lowest.group !== GROUND || lowest.geometry !== "polygon" || !lowest.bounds) return false;
  const [[south, west], [north, east]] = lowest.bounds;
  const [[low, left], [high, right]] = plan.bounds;
  return south < low && west < left && north > high && east > right;
}
