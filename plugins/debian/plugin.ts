/** Source `debian`: packages as closure nodes, then their installation on paper over the merged tree. */
import { ImageDslError, type MergeContext, type Plugin, type Source, type StageContext } from "../../core/index.ts";
import type { CollectedPackage, DebianCollection } from "./collect.ts";
import { debian, type DebianOptions } from "./options.ts";
import type { InstallSettings } from "./install.ts";
import type { NotWorkedOut } from "./script-cost.ts";
import type { Answers } from "./scripts/debconf.ts";
import type { Configuration } from "./run/configure.ts";

const NAME = "debian";

export const debianPlugin: Plugin = {
  name: NAME,
  sources: [debian],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      /** Of this build, by options: what is asked for twice is collected once. */
      const collected = new Map<string, Promise<DebianCollection>>();
      let missing: readonly NotWorkedOut[] = [];
      let toRun: Configuration | undefined;

      hooks.pin.for(NAME).tapPromise(NAME, async ({ options }, context) => {
        const { pinDebian } = await import("./collect.ts");
        await pinDebian(options as DebianOptions, context);
      });

      hooks.collect.for(NAME).tapPromise(NAME, async (source, context) => {
        const key = keyOf(source);
        const collecting = collected.get(key) ?? collect(source.options as DebianOptions, context);
        collected.set(key, collecting);
        const { nodes, roots, image } = await collecting;
        return { nodes, roots, ...(image !== undefined && { image }) };
      });

      hooks.merge.tapPromise(NAME, async (tree, context) => {
        if (collected.size === 0) return tree;
        refuseMixture(context);
        const [{ installPackages }, { withDistribution }, { withBaseAccounts }] = await Promise.all([
          import("./install.ts"),
          import("./distribution.ts"),
          import("./scripts/base-accounts.ts"),
        ]);
        missing = [];
        toRun = undefined;
        let installed = context.base === undefined ? tree : withBaseAccounts(tree, context.base);
        const sources = await Promise.all(inConfigOrder(collected, context.spec.contents));
        for (const { distribution, packages } of sources) {
          const isInImage = [...packages.keys()].some((id) => context.closure.nodes.has(id));
          if (isInImage) installed = withDistribution(installed, distribution, context.base);
        }
        for (const { packages, ...about } of byArchitecture(sources)) {
          const present = new Map([...packages].filter(([id]) => context.closure.nodes.has(id)));
          if (present.size === 0) continue;
          if (about.configure === "run") {
            const { configurationOf } = await import("./run/configure.ts");
            toRun = configurationOf(installed, present, about, context);
            continue;
          }
          const { tree: after, notWorkedOut } = await installPackages(installed, present, about, context);
          installed = after;
          missing = [...missing, ...notWorkedOut];
        }
        return installed;
      });

      hooks.scripts.tapPromise(NAME, async (runs) => {
        if (toRun === undefined || toRun.packages.length === 0) return runs;
        const { configureSpec } = await import("./run/configure.ts");
        return [configureSpec(NAME, toRun), ...runs];
      });

      hooks.run.for(NAME).tapPromise(NAME, async (run, tree, context) => {
        if (toRun === undefined) throw new Error("Only what was merged is run");
        const { configureByScripts } = await import("./run/configure.ts");
        return configureByScripts(toRun, run, tree, context, (each, before) =>
          hooks.run.for(each.runner).promise(each, before, context),
        );
      });

      hooks.check.tapPromise(NAME, async (findings, { image }) => {
        if (missing.length === 0) return findings;
        const { costFindings } = await import("./script-cost.ts");
        return [...findings, ...costFindings(missing, image.tree)];
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkApt } = await import("./doctor.ts");
      report.add(await checkApt());
    });
  },
};

/** The code is loaded where it is needed: most of it is large. */
async function collect(options: DebianOptions, context: StageContext): Promise<DebianCollection> {
  const { collectDebian } = await import("./collect.ts");
  return collectDebian(options, context);
}

function keyOf({ options }: Source): string {
  return JSON.stringify(options);
}

/** One dpkg configures all packages of an image, in one place. */
function refuseMixture({ spec, target }: MergeContext): void {
  const sources = spec.contents.filter(({ kind }) => kind === NAME).map(({ options }) => options as DebianOptions);
  const refuse = (of: (options: DebianOptions) => string, problem: string): void => {
    if (new Set(sources.map(of)).size < 2) return;
    throw new ImageDslError("E_DEBIAN_CONFIGURE", problem, { hint: "Say the same in all of them" });
  };
  refuse(
    ({ configure = "work-out" }) => configure,
    `Some debian() of "${target}" say configure: "run" and some do not: all packages of an image are configured in one way`,
  );
  refuse(
    ({ executor = "vm" }) => executor,
    `The debian() of "${target}" name several executors: all packages of an image are configured by one`,
  );
}

/** Which source is done first is chance; sources that other plugins collect come last. */
function inConfigOrder<Collection>(
  collected: ReadonlyMap<string, Collection>,
  contents: readonly Source[],
): readonly Collection[] {
  const named = contents.filter(({ kind }) => kind === NAME).map(keyOf);
  return [...new Set([...named, ...[...collected.keys()].toSorted()])].flatMap((key) => collected.get(key) ?? []);
}

/**
 * Sources of one architecture are installed together; a package of two of them is the first one's, as its node is, and
 * so is the suite.
 */
function byArchitecture(sources: readonly DebianCollection[]): readonly (InstallSettings & {
  readonly packages: ReadonlyMap<string, CollectedPackage>;
})[] {
  const all = new Map<string, ReturnType<typeof emptyOf>>();
  for (const source of sources) {
    const { architecture, answers, machine, packages } = source;
    const known = all.get(architecture) ?? emptyOf(source);
    all.set(architecture, known);
    known.answers.push(answers);
    known.machines.push(machine);
    for (const [id, each] of packages) {
      const first = known.packages.get(id) ?? each;
      known.packages.set(id, { ...first, strict: first.strict || each.strict });
    }
  }
  return [...all.values()];
}

function emptyOf({ architecture, suite, configure, executor }: DebianCollection) {
  return {
    architecture,
    suite,
    configure,
    executor,
    answers: [] as Answers[],
    machines: [] as DebianCollection["machine"][],
    packages: new Map<string, CollectedPackage>(),
  };
}
