/** One project for both Yarns, that holds what goes wrong elsewhere. */
import { libraryMember, type ProjectFiles } from "./npm-projects.ts";

interface Asked {
  /** For the member lib. */
  readonly root: string;
  readonly api: string;
  /** What debug's is. */
  readonly ms?: string;
  /** Where `from-git` comes from. */
  readonly git: string;
}

export function yarnWhole(lib: Asked): ProjectFiles {
  return {
    "package.json": {
      name: "whole",
      version: "1.0.0",
      private: true,
      workspaces: ["packages/*"],
      dependencies: {
        "@my/lib": lib.root,
        chalk: "4.1.2",
        debug: "4.3.4",
        esbuild: "0.24.2",
        "from-git": lib.git,
        old: "npm:ms@2.0.0",
        react: "18.2.0",
        semver: "7.6.0",
        "use-sync-external-store": "1.2.0",
      },
      devDependencies: { "ansi-styles": "3.2.1", "is-number": "7.0.0" },
      resolutions: { "debug/ms": lib.ms ?? "2.1.3" },
    },
    "packages/api/package.json": {
      name: "@my/api",
      version: "1.0.0",
      dependencies: { "@my/lib": lib.api, debug: "2.6.9", react: "17.0.2", "use-sync-external-store": "1.2.0" },
    },
    ...libraryMember(),
  };
}
