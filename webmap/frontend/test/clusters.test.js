import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPoints, clusterRadius } from "../src/map/cluster-model.js";

const point = (id, x, y, group = "a", more = {}) => ({ id, x, y, group, radius: 7, closest: 0.1, ...more });
const ids = (clusters) => clusters.map((cluster) => cluster.members.map((member) => member.id));

test("symbols that lie on each other are one, others stay", () => {
  // radii 7 + 7, times 0.85: nearer than 11.9 pixels
  const clusters = clusterPoints([point("p", 0, 0), point("q", 11, 0), point("r", 13, 0), point("s", 100, 0)]);
  assert.deepEqual(ids(clusters), [["p", "q"]]);
  assert.deepEqual([clusters[0].x, clusters[0].y], [5.5, 0]);
});

test("groups are never mixed, and no symbol is in two clusters", () => {
  const points = [point("a1", 0, 0), point("b1", 1, 0, "b"), point("a2", 2, 0), point("b2", 3, 0, "b"), point("a3", 4, 0)];
  assert.deepEqual(ids(clusterPoints(points)), [["a1", "a2", "a3"], ["b1", "b2"]]);
  const chain = Array.from({ length: 30 }, (_, index) => point(`c${index}`, index * 8, 0));
  const members = clusterPoints(chain).flatMap((cluster) => cluster.members.map((member) => member.id));
  assert.equal(new Set(members).size, members.length);
});

test("nothing is clustered alone", () => {
  assert.deepEqual(clusterPoints([]), []);
  assert.deepEqual(clusterPoints([point("p", 0, 0), point("q", 0, 50), point("r", 0, 1, "b")]), []);
});

test("what no zoom sets apart is one, whatever its group and however few there are", () => {
  // closest 0.1 + 0.1, times 0.85: nearer than 0.17 pixels
  const alone = { alone: true };
  const points = [point("p", 0, 0, "a", alone), point("q", 0, 0.16, "b"), point("r", 0, 0.18, "a", alone), point("s", 5, 0, "a", alone)];
  const clusters = clusterPoints(points);
  assert.deepEqual(ids(clusters), [["p", "q"]]);
  assert.equal(clusters[0].spot, true);
});

test("a cluster that a closer zoom opens says so", () => {
  const clusters = clusterPoints([point("p", 0, 0), point("q", 0, 0), point("r", 4, 0)]);
  assert.deepEqual(ids(clusters), [["p", "q", "r"]]);
  assert.equal(clusters[0].spot, false);
});

test("a disc grows with its number, to a limit", () => {
  assert.ok(clusterRadius(2) < clusterRadius(20));
  assert.equal(clusterRadius(1e6), 19);
});
