/** Brings sources of the kinds `npm`, `npm-package` and `deno-packages`. */
import { resolve } from "node:path";
import { STAGE, type Plugin } from "../../core/index.ts";
import { npm, type NpmOptions } from "./options.ts";
import { denoPackages, type DenoPackagesOptions } from "./deno/source.ts";
import { npmPackage, type NpmPackageOptions } from "./published/source.ts";

export const npmPlugin: Plugin = {
  name: "npm",
  sources: [npm, npmPackage, denoPackages],
  requires: ["step"],
  apply(builder) {
    builder.hooks.build.tap("npm", ({ hooks }) => {
      hooks.collect.for("npm").tapPromise("npm", async ({ options }, context) => {
        const { collectNpm } = await import("./collect.ts");
        return collectNpm(options as NpmOptions, context);
      });
      hooks.inputs.for("npm").tapPromise("npm", async ({ options }, context) => {
        const { inputsOfNpm } = await import("./inputs.ts");
        return inputsOfNpm(options as NpmOptions, context);
      });
      hooks.identity.for("npm").tapPromise("npm", async ({ options }, context) => {
        const { identityOfNpm } = await import("./identity.ts");
        return identityOfNpm(options as NpmOptions, context);
      });
      // What install scripts run over; no config has it.
      hooks.collect.for("npm-installed").tapPromise("npm", async ({ options }, context) => {
        const { collectInstalled } = await import("./collect.ts");
        return collectInstalled(options as NpmOptions, context);
      });
      hooks.merge.tapPromise({ name: "npm", stage: STAGE.after }, async (tree, { spec, target }) => {
        if (!spec.contents.some(({ kind }) => kind === "npm")) return tree;
        const { refuseOtherLibrary } = await import("./image-checks.ts");
        refuseOtherLibrary(tree, spec.contents, target);
        return tree;
      });
      hooks.check.tapPromise({ name: "npm", stage: STAGE.after }, async (findings, { image, spec }) => {
        const own = spec.contents.filter(({ kind }) => kind === "npm");
        if (findings.length === 0 && own.length === 0) return findings;
        const [{ packageFindings }, { missingClients }] = await Promise.all([
          import("./image-checks.ts"),
          import("./generated-client.ts"),
        ]);
        const isStrict = own.some(({ options }) => (options as NpmOptions).strict === true);
        const missing = own.length === 0 ? [] : missingClients(image.tree, isStrict);
        return [...packageFindings(findings, image.tree, spec), ...missing];
      });
      hooks.collect.for("npm-package").tapPromise("npm", async ({ options }, context) => {
        const { collectNpmPackage } = await import("./published/collect.ts");
        return collectNpmPackage(options as NpmPackageOptions, context);
      });
      hooks.collect.for("deno-packages").tapPromise("npm", async ({ options }, context) => {
        const { collectDenoPackages } = await import("./deno/collect.ts");
        return collectDenoPackages(options as DenoPackagesOptions, context);
      });
      hooks.inputs.for("deno-packages").tapPromise("npm", async ({ options }, { directory }) => {
        const { denoLockIn } = await import("./deno/collect.ts");
        return [denoLockIn(resolve(directory, (options as DenoPackagesOptions).dir))];
      });
      hooks.pin.for("npm-package").tapPromise("npm", async ({ options }, context) => {
        const { pinNpmPackage } = await import("./published/collect.ts");
        await pinNpmPackage(options as NpmPackageOptions, context);
      });
    });
  },
};
