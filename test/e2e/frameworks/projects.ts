/**
 * A small project of each framework that `init` knows, as its own pages begin one. Each says hello at `/`, and those that have a folder for
 * files as they are serve one. Versions are exact where another one would be another test.
 */
import type { ProjectFiles } from "../npm-projects.ts";

export interface FrameworkProject {
  readonly files: ProjectFiles;
  /** Where it listens if nobody says it. */
  readonly port: number;
  /** Whether it serves `/hello.txt`. */
  readonly hasPublic?: boolean;
}

export const STATIC_TEXT = "a file as it is";

const REACT = { react: "19.3.1", "react-dom": "19.3.1" };
const HTML = "({ children }) => <html lang='en'><body>{children}</body></html>";
const NEXT = {
  "app/layout.jsx": `export default ${HTML};`,
  "app/page.jsx": "export default () => <p>Hello from Next</p>;",
};
const NITRO_ROUTE = 'export default defineHandler(() => "Hello from Nitro");';

const NEST = `import "reflect-metadata";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

@Controller()
class Hello {
  @Get()
  say() {
    return "Hello from Nest";
  }
}

@Module({ controllers: [Hello] })
class App {}

const app = await NestFactory.create(App);
await app.listen(process.env.PORT ?? 3000);
`;

const SERVER = `import { createServer } from "node:http";

createServer((request, response) => response.end("Hello from Node")).listen(process.env["PORT"] ?? 8123);
`;

const EXPRESS = `import { createRequestHandler } from "@react-router/express";
import express from "express";
import * as build from "./build/server/index.js";

express().use(express.static("build/client")).use(createRequestHandler({ build })).listen(process.env.PORT ?? 3000);
`;

/** Without it the framework's own keeps a timer of some seconds after each answer, and the server with it. */
const REMIX_ENTRY = `import { RemixServer } from "@remix-run/react";
import { renderToString } from "react-dom/server";

export default (request, status, headers, context) => {
  headers.set("Content-Type", "text/html");
  const page = renderToString(<RemixServer context={context} url={request.url} />);
  return new Response(\`<!DOCTYPE html>\${page}\`, { status, headers });
};
`;

export const FRAMEWORK_PROJECTS: Readonly<Record<string, FrameworkProject>> = {
  // Nothing but the compiler's settings says where what is started will be.
  server: {
    port: 8123,
    files: {
      ...manifest("tsc", {}, { "@types/node": "24.10.1", typescript: "6.0.3" }),
      "tsconfig.json": tsconfig({ outDir: "lib", rootDir: "src" }),
      "src/server.ts": SERVER,
    },
  },
  bun: {
    port: 8124,
    files: {
      "package.json": { name: "hello", private: true, scripts: { start: "bun src/server.ts" } },
      "src/server.ts": 'Bun.serve({ port: 8124, fetch: () => new Response("Hello from Bun") });',
    },
  },
  nest: {
    port: 3000,
    files: {
      ...manifest(
        "tsc",
        {
          "@nestjs/common": "12.5.1",
          "@nestjs/core": "12.5.1",
          "@nestjs/platform-express": "12.5.1",
          "reflect-metadata": "0.2.2",
          rxjs: "7.8.2",
        },
        { "@types/node": "24.10.1", typescript: "6.0.3" },
      ),
      "tsconfig.json": tsconfig({
        outDir: "dist",
        rootDir: "src",
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      }),
      "src/main.ts": NEST,
    },
  },
  next: {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest("next build", { next: "16.4.6", ...REACT }),
      ...NEXT,
      "next.config.mjs": 'export default { output: "standalone" };',
      "public/hello.txt": STATIC_TEXT,
      // As Dockerfiles with several stages have it.
      ".dockerignore": ".next\n**/node_modules\n",
    },
  },
  "next start": {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest("next build", { next: "16.4.6", ...REACT }),
      ...NEXT,
      "public/hello.txt": STATIC_TEXT,
    },
  },
  // What is shared lies above the app, and so does all that Next traces.
  "next in a workspace": {
    port: 3000,
    hasPublic: true,
    files: {
      "package.json": { name: "whole", private: true, workspaces: ["apps/*", "packages/*"] },
      "packages/words/package.json": { name: "@my/words", version: "1.0.0", main: "index.js" },
      "packages/words/index.js": 'exports.hello = "Hello from Next";',
      ...within("apps/web", {
        ...manifest("next build", { "@my/words": "1.0.0", next: "16.4.6", ...REACT }),
        "app/layout.jsx": NEXT["app/layout.jsx"],
        "app/page.jsx": 'import { hello } from "@my/words";\nexport default () => <p>{hello}</p>;',
        "next.config.mjs": 'export default { output: "standalone" };',
        "public/hello.txt": STATIC_TEXT,
      }),
    },
  },
  nuxt: {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest("nuxt build", { nuxt: "4.5.2", vue: "3.5.45" }),
      "app.vue": "<template><p>Hello from Nuxt</p></template>",
      "public/hello.txt": STATIC_TEXT,
    },
  },
  nitro: {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest("nitro build", {}, { nitro: "3.0.0" }),
      "routes/index.js": `import { defineHandler } from "nitro/h3";\n${NITRO_ROUTE}`,
      "public/hello.txt": STATIC_TEXT,
    },
  },
  "nitro 2": {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest("nitropack build", {}, { nitropack: "2.13.6" }),
      "routes/index.js": NITRO_ROUTE.replace("defineHandler", "defineEventHandler"),
      "public/hello.txt": STATIC_TEXT,
    },
  },
  "react-router": {
    port: 3000,
    hasPublic: true,
    files: reactRouter({ "@react-router/serve": "8.4.0" }),
  },
  "react-router by Express": {
    port: 3000,
    hasPublic: true,
    files: { ...reactRouter({ "@react-router/express": "8.4.0", express: "5.3.0" }), "server.js": EXPRESS },
  },
  remix: {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest(
        "remix vite:build",
        {
          "@remix-run/node": "2.17.5",
          "@remix-run/react": "2.17.5",
          "@remix-run/serve": "2.17.5",
          isbot: "5.2.3",
          react: "18.3.1",
          "react-dom": "18.3.1",
        },
        { "@remix-run/dev": "2.17.5", vite: "6.4.1" },
      ),
      "vite.config.js": 'import { vitePlugin } from "@remix-run/dev";\nexport default { plugins: [vitePlugin()] };',
      "app/entry.server.jsx": REMIX_ENTRY,
      "app/root.jsx": `import { Outlet } from "@remix-run/react";\nconst Page = ${HTML};\nexport default () => <Page><Outlet /></Page>;`,
      "app/routes/_index.jsx": "export default () => <p>Hello from Remix</p>;",
      "public/hello.txt": STATIC_TEXT,
    },
  },
  sveltekit: {
    port: 3000,
    hasPublic: true,
    files: {
      ...manifest(
        "vite build",
        {},
        {
          "@sveltejs/adapter-node": "6.0.1",
          "@sveltejs/kit": "3.2.0",
          "@sveltejs/vite-plugin-svelte": "7.0.0",
          svelte: "5.57.3",
          vite: "8.4.0",
        },
      ),
      "vite.config.js": `import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
export default { plugins: [sveltekit({ adapter: adapter() })] };`,
      "src/app.html":
        "<!doctype html><html lang='en'><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
      "src/routes/+page.svelte": "<p>Hello from SvelteKit</p>",
      "static/hello.txt": STATIC_TEXT,
    },
  },
  astro: {
    port: 4321,
    hasPublic: true,
    files: {
      ...manifest("astro build", { "@astrojs/node": "11.1.6", astro: "7.3.5" }),
      "astro.config.mjs": `import node from "@astrojs/node";
export default { output: "server", adapter: node({ mode: "standalone" }) };`,
      "src/pages/index.astro": "<p>Hello from Astro</p>",
      "public/hello.txt": STATIC_TEXT,
    },
  },
};

/** `server`: the packages that serve it. */
function reactRouter(server: Readonly<Record<string, string>>): ProjectFiles {
  const own = { "@react-router/node": "8.4.0", isbot: "5.2.3", "react-router": "8.4.0" };
  return {
    ...manifest("react-router build", { ...own, ...server, ...REACT }, { "@react-router/dev": "8.4.0", vite: "8.4.0" }),
    "vite.config.js":
      'import { reactRouter } from "@react-router/dev/vite";\nexport default { plugins: [reactRouter()] };',
    "app/routes.js": 'import { index } from "@react-router/dev/routes";\nexport default [index("home.jsx")];',
    "app/root.jsx": `import { Outlet } from "react-router";\nconst Page = ${HTML};\nexport default () => <Page><Outlet /></Page>;`,
    "app/home.jsx": "export default () => <p>Hello from React Router</p>;",
    "public/hello.txt": STATIC_TEXT,
  };
}

function manifest(
  build: string,
  dependencies: Readonly<Record<string, string>>,
  devDependencies: Readonly<Record<string, string>> = {},
): ProjectFiles {
  const said = { name: "hello", version: "1.0.0", private: true, type: "module", scripts: { build } };
  return { "package.json": { ...said, dependencies, devDependencies } };
}

function tsconfig(options: object): object {
  return { compilerOptions: { target: "ES2023", module: "NodeNext", types: ["node"], ...options }, include: ["src"] };
}

function within(folder: string, files: ProjectFiles): ProjectFiles {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}
