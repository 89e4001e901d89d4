/** How servers of the well-known frameworks are built and started. Each row says where its framework's own pages say so. */
import type { PackageManifest } from "./package-manifest.ts";

export type Program = "node" | "bun" | "deno";

/** What is written into the config, beside what the preset finds out by itself. */
export interface AppShape {
  /** What runs it. Absent: Node. */
  readonly program?: Program;
  /** Whether its build script makes what is shipped, and so has to run before. */
  readonly isBuilt?: boolean;
  /** What of the project is shipped, where what is started does not say it. */
  readonly files?: readonly string[];
  readonly entry?: string;
  /** False: what is shipped holds all that it imports. */
  readonly dependencies?: false;
  readonly port?: number;
  /** In place of the preset's own: `node ENTRY`. */
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders that are found elsewhere in the image than in the project, where they are there. */
  readonly moved?: Readonly<Record<string, string>>;
  /** What the project's owner may want to know or to do. */
  readonly notes?: readonly string[];
}

export interface FrameworkContext {
  /** The way here from the highest folder with a lock, which tools take for the workspace's; `.` where that is here. */
  readonly fromRoot: string;
  /** The way from here to where its packages are. */
  readonly modules: string;
  readonly manifest: PackageManifest;
  /** The text of its configuration, whatever the extension; empty without one. */
  config(name: string): string;
  has(path: string): boolean;
}

export interface Framework {
  readonly title: string;
  /** The package that a project of it depends on. */
  readonly dependency: string;
  shape(context: FrameworkContext): AppShape;
}

const EVERYWHERE = "0.0.0.0";

/** The first whose package is there: one that is built on another stands before it. */
export const FRAMEWORKS: readonly Framework[] = [
  // nextjs.org/docs/app/api-reference/config/next-config-js/output
  { title: "Next", dependency: "next", shape: nextShape },
  // nuxt.com/docs/getting-started/deployment
  { title: "Nuxt", dependency: "nuxt", shape: nitroShape },
  // nitro.build/deploy/runtimes/node
  { title: "Nitro", dependency: "nitropack", shape: nitroShape },
  { title: "Nitro", dependency: "nitro", shape: nitroShape },
  // reactrouter.com/start/framework/deploying
  {
    title: "React Router",
    dependency: "@react-router/serve",
    shape: (context) => serveShape("@react-router/serve/bin.cjs", context),
  },
  // remix.run/docs/start/quickstart
  {
    title: "Remix",
    dependency: "@remix-run/serve",
    shape: (context) => serveShape("@remix-run/serve/dist/cli.js", context),
  },
  // Those with a server of the project's own, which imports what was built
  { title: "React Router", dependency: "@react-router/dev", shape: ownServerShape },
  { title: "Remix", dependency: "@remix-run/dev", shape: ownServerShape },
  // svelte.dev/docs/kit/adapter-node
  { title: "SvelteKit", dependency: "@sveltejs/kit", shape: svelteShape },
  // docs.astro.build/en/guides/integrations-guide/node
  { title: "Astro", dependency: "astro", shape: astroShape },
  // docs.nestjs.com/deployment
  { title: "Nest", dependency: "@nestjs/core", shape: nestShape },
];

/** Not in a comment. */
const STANDALONE = /^(?!\s*(?:\/\/|\/?\*)).*\boutput\s*:\s*["'`]standalone["'`]/m;

function nextShape({ fromRoot, modules, config, has }: FrameworkContext): AppShape {
  const common = { isBuilt: true, port: 3000, env: { HOSTNAME: EVERYWHERE, NEXT_TELEMETRY_DISABLED: "1" } };
  const publicFolder = has("public") ? ["public"] : [];
  if (STANDALONE.test(config("next.config"))) {
    const output = ".next/standalone";
    // Below it, all that the server reads lies as it lies below the workspace's root.
    const server = fromRoot === "." ? output : `${output}/${fromRoot}`;
    // The server looks for these beside itself, and Next leaves it to us to put them there.
    const moved = [".next/static", ...publicFolder].map((folder) => [folder, `${server}/${folder}`]);
    return {
      ...common,
      files: [output],
      entry: `${server}/server.js`,
      dependencies: false,
      moved: Object.fromEntries(moved) as Record<string, string>,
    };
  }
  return {
    ...common,
    files: [".next", "!.next/cache", "!.next/dev", ...publicFolder],
    // Written last: without it there is a folder, and nothing that `next start` would serve.
    entry: ".next/BUILD_ID",
    cmd: ["node", `${modules}/next/dist/bin/next`, "start"],
    notes: [
      'output: "standalone" in next.config makes the image smaller: add it, move image.config.ts away, and run init again',
    ],
  };
}

function nitroShape(): AppShape {
  return { isBuilt: true, files: [".output"], entry: ".output/server/index.mjs", dependencies: false, port: 3000 };
}

function serveShape(program: string, { modules }: FrameworkContext): AppShape {
  const entry = "build/server/index.js";
  return { isBuilt: true, files: ["build"], entry, cmd: ["node", `${modules}/${program}`, entry], port: 3000 };
}

function ownServerShape({ manifest: { scripts } }: FrameworkContext): AppShape {
  const [, entry = "server.js"] = /\bnode +(?:-\S+ +)*(?:\.\/)?([\w./-]+)/.exec(scripts["start"] ?? "") ?? [];
  return { isBuilt: true, files: ["build", ...(entry.startsWith("build/") ? [] : [entry])], entry, port: 3000 };
}

function svelteShape({ manifest }: FrameworkContext): AppShape {
  return {
    isBuilt: true,
    files: ["build"],
    entry: "build/index.js",
    port: 3000,
    ...needs(manifest, "@sveltejs/adapter-node", "svelte.config.js"),
  };
}

function astroShape({ manifest }: FrameworkContext): AppShape {
  return {
    isBuilt: true,
    files: ["dist"],
    entry: "dist/server/entry.mjs",
    port: 4321,
    env: { HOST: EVERYWHERE, PORT: "4321" },
    ...needs(manifest, "@astrojs/node", "astro.config.mjs"),
  };
}

/** Its own starter says it as `start:prod`; `start` is for those who develop. */
function nestShape({ manifest: { scripts } }: FrameworkContext): AppShape {
  const [, entry = "dist/main.js"] = /^node (\w+\/[\w./-]+)$/.exec(scripts["start:prod"] ?? "") ?? [];
  return { isBuilt: true, files: [entry.split("/")[0]!], entry, port: 3000 };
}

function needs({ dependencies }: PackageManifest, adapter: string, config: string): Pick<AppShape, "notes"> {
  if (dependencies.has(adapter)) return {};
  return { notes: [`a server needs the adapter ${adapter}: install it and name it in ${config}, before you build`] };
}
