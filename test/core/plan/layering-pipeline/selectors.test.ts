/** Which nodes a selector means. */
import * as assert from "uvu/assert";
import { closureGraph } from "../../../../core/closure/closure-graph.ts";
import { planningUnits } from "../../../../core/plan/planning-units.ts";
import { selectorIndex } from "../../../../core/plan/layering-pipeline/selectors.ts";
import type { Selector } from "../../../../core/plan/layering-pipeline/steps.ts";
import { suite } from "../../../harness.ts";
import { closureNode } from "../../../reference/closures.ts";

const test = suite("plan/layering-pipeline/selectors");

const STORE = "/nix/store/00000000000000000000000000000000-";
const GRAPH = closureGraph(
  [
    closureNode("debian:amd64/redis-server=5:7.0", ["debian:amd64/libc6=2.36", "text:/etc/motd#1"], {
      name: "redis-server",
    }),
    closureNode("debian:amd64/libc6=2.36", ["debian:amd64/libgcc-s1=12"], { name: "libc6" }),
    closureNode("debian:amd64/libgcc-s1=12", ["debian:amd64/libc6=2.36"], { name: "libgcc-s1" }),
    closureNode(`${STORE}source?rev=1`, [], { name: "source?rev=1" }),
    closureNode(`${STORE}source-rev=1`, [], { name: "source-rev=1" }),
    closureNode("text:/etc/motd#1", [], { name: "/etc/motd" }),
    closureNode("elf:1", [], { name: "libz.so.1" }),
    closureNode("elf:2", [], { name: "libz.so.1" }),
    closureNode("files:käse", [], { name: "käse" }),
  ],
  ["debian:amd64/redis-server=5:7.0", "files:käse"],
);
const UNITS = planningUnits(GRAPH, 1);
const INDEX = selectorIndex(GRAPH, UNITS);

function found(selector: Selector): string[] {
  return INDEX.find(selector)
    .flatMap((unit) => UNITS[unit]!.ids.map((id) => GRAPH.nodes.get(id)!.name))
    .sort();
}

test("an id, a name and a store path, exactly", () => {
  assert.equal(found("debian:amd64/redis-server=5:7.0"), ["redis-server"]);
  assert.equal(found("redis-server"), ["redis-server"]);
  assert.equal(found("redis"), []);
  assert.equal(found("/etc/motd"), ["/etc/motd"]);
  assert.equal(found(`${STORE}source-rev=1`), ["source-rev=1"]);
  assert.equal(found("libz.so.1"), ["libz.so.1", "libz.so.1"]);
});

test("a store path with a question mark is no glob where it is there", () => {
  assert.equal(found(`${STORE}source?rev=1`), ["source?rev=1"]);
  assert.equal(found("source?rev=1"), ["source?rev=1"]);
  assert.equal(found("source?rev=?"), ["source-rev=1", "source?rev=1"]);
});

test("a glob over names", () => {
  assert.equal(found("lib*"), ["libc6", "libgcc-s1", "libz.so.1", "libz.so.1"]);
  assert.equal(found("{redis,käs}*"), ["käse", "redis-server"]);
  assert.equal(found("k*se"), ["käse"]);
  assert.equal(found("/etc/*"), ["/etc/motd"]);
  assert.is(found("*").length, 9);
  assert.equal(found("nothing*"), []);
});

test("nodes that need each other are meant by any of them", () => {
  assert.equal(found("libgcc-s1"), ["libc6", "libgcc-s1"]);
  assert.equal(found("libgcc*"), ["libc6", "libgcc-s1"]);
});

test("roles", () => {
  assert.equal(found({ role: "root" }), ["käse", "redis-server"]);
  assert.equal(found({ role: "leaf" }), allBut("redis-server"));
});

function allBut(name: string): string[] {
  return [...GRAPH.nodes.values()]
    .map((node) => node.name)
    .filter((each) => each !== name)
    .sort();
}

test.run();
