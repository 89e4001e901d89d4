/** Closures of Debian packages. The first build of all fetches them; the bench's own store is filled afterwards. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { layOut, sizeOf, writeConfig, type BenchInput } from "./input.ts";

const SUITE = "bookworm";

export const closure = debianInput({
  name: "closure",
  title: "a Debian closure (git, Python, Node, nginx, Redis)",
  packages: ["git", "python3", "nodejs", "nginx", "redis-server"],
  gigabytes: 4,
  hasPeers: true,
});

export const largeClosure = debianInput({
  name: "large-closure",
  title: "a large Debian closure (C, Java, Rust and Go compilers, LLVM, a word processor)",
  packages: ["build-essential", "default-jdk-headless", "rustc", "golang", "clang", "libreoffice-writer-nogui"],
  gigabytes: 6,
  hasPeers: false,
});

interface DebianInput extends Pick<BenchInput, "name" | "gigabytes" | "hasPeers"> {
  readonly title: string;
  readonly packages: readonly string[];
}

function debianInput({ title, packages, ...input }: DebianInput): BenchInput {
  return {
    ...input,
    isDebian: true,
    isStatted: false,
    async make(folder, cli) {
      const project = join(folder, input.name);
      mkdirSync(project);
      writeConfig(project, `[debian(${JSON.stringify({ suite: SUITE, packages })})]`);
      const tree = await layOut(project, cli);
      return { project, tree, title: `${title}, ${await sizeOf(tree)}` };
    },
  };
}
