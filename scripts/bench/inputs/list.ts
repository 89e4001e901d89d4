/** All inputs of the benches, in the order of the document. */
import { closure, largeClosure } from "./debian-closures.ts";
import type { BenchInput } from "./input.ts";
import { manyEntries } from "./many-entries.ts";
import { manyFiles } from "./many-files.ts";
import { manyNodes } from "./many-nodes.ts";
import { manyPackages } from "./many-packages.ts";
import { nodeModules } from "./node-modules.ts";
import { oneFile } from "./one-file.ts";

export const INPUTS: readonly BenchInput[] = [
  closure,
  largeClosure,
  manyFiles,
  nodeModules,
  oneFile,
  manyNodes,
  manyEntries,
  manyPackages,
];
