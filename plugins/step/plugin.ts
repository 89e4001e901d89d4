/** Source `step`. */
import {
  checkBubblewrap,
  checkSandboxed,
  findBubblewrap,
  onceInBuild,
  platformText,
  requireBubblewrap,
  treeBelow,
  treePath,
  type BuildContext,
  type CollectContext,
  type Collected,
  type FileTree,
  type OnceInBuild,
  type Plugin,
} from "../../core/index.ts";
import { runStep } from "./run-step.ts";
import { stepSource, type StepOptions } from "./source.ts";

const NAME = "step";

export const stepPlugin: Plugin = {
  name: NAME,
  sources: [stepSource],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.collect.for(NAME).tapPromise(NAME, ({ options }, context) => collectStep(options as StepOptions, context));
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      for (const check of [await checkBubblewrap(), ...(await checkSandboxed())]) report.add(check);
    });
  },
};

async function collectStep(options: StepOptions, context: CollectContext): Promise<Collected> {
  const { name = NAME, dest = "/" } = options;
  const tree = treeBelow(await treeOnce(options, context), treePath(dest));
  const id = `${NAME}:${name}@${dest}`;
  return { nodes: [{ id, kind: NAME, name, tree, size: tree.contentSize(), needs: [] }], roots: [id] };
}

/** The same step may stand in several images, or be an input of several others; one that failed fails for all of them. */
async function treeOnce(options: StepOptions, context: CollectContext): Promise<FileTree> {
  const { platform, spec } = context;
  const once = trees.get(options) ?? onceInBuild<{ readonly tree: Promise<FileTree> }>();
  trees.set(options, once);
  const conditions = `${platformText(platform)} ${spec.mtime} ${spec.collisions}`;
  const { tree } = await once(context, conditions, async () => ({ tree: runOnce(options, context) }));
  return tree;
}

const trees = new WeakMap<StepOptions, OnceInBuild<{ readonly tree: Promise<FileTree> }>>();

async function runOnce(options: StepOptions, context: CollectContext): Promise<FileTree> {
  return runStep(options, context, await sandboxOnce(context, "", () => openSandbox(context)));
}

const sandboxOnce = onceInBuild<boolean>();

/** Whether steps run in one. Throws `E_SANDBOX` where one is required and there is none; else says so once. */
async function openSandbox({ scripts, emit }: BuildContext): Promise<boolean> {
  if (scripts.requireSandbox) await requireBubblewrap("steps", "--require-sandbox");
  const found = await findBubblewrap();
  if (found.bubblewrap !== undefined) return true;
  const message = `Steps run without a sandbox, so they can reach the network and all your files: ${found.reason}`;
  emit({ type: "warning", code: "W_NO_SANDBOX", message, hint: found.mend });
  return false;
}
