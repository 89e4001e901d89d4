/** Source `step`. */
import {
  checkBubblewrap,
  checkSandboxed,
  findBubblewrap,
  platformText,
  requireBubblewrap,
  treeBelow,
  treePath,
  type BuildContext,
  type CollectContext,
  type Collected,
  type FileTree,
  type Plugin,
} from "../../core/index.ts";
import { runStep } from "./run-step.ts";
import { stepSource, type StepOptions } from "./source.ts";

const NAME = "step";

export const stepPlugin: Plugin = {
  name: NAME,
  sources: [stepSource],
  apply(builder) {
    // The tasks stand for one run of the builder, whatever it builds.
    const sessions = new WeakMap<BuildContext["tasks"], Session>();
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.collect.for(NAME).tapPromise(NAME, ({ options }, context) => {
        const session = sessions.get(context.tasks) ?? newSession();
        sessions.set(context.tasks, session);
        return collectStep(options as StepOptions, context, session);
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      for (const check of [await checkBubblewrap(), ...(await checkSandboxed())]) report.add(check);
    });
  },
};

/** What is found out once, however many images and steps ask. */
interface Session {
  sandbox: Promise<boolean> | undefined;
  readonly trees: WeakMap<StepOptions, Map<string, Promise<FileTree>>>;
}

function newSession(): Session {
  return { sandbox: undefined, trees: new WeakMap() };
}

async function collectStep(options: StepOptions, context: CollectContext, session: Session): Promise<Collected> {
  const { name = NAME, dest = "/" } = options;
  const tree = treeBelow(await treeOnce(options, context, session), treePath(dest));
  const id = `${NAME}:${name}@${dest}`;
  return { nodes: [{ id, kind: NAME, name, tree, size: tree.contentSize(), needs: [] }], roots: [id] };
}

/** The same step may stand in several images, or be an input of several others. */
function treeOnce(options: StepOptions, context: CollectContext, session: Session): Promise<FileTree> {
  const { platform, spec } = context;
  const known = session.trees.get(options) ?? new Map<string, Promise<FileTree>>();
  session.trees.set(options, known);
  const conditions = `${platformText(platform)} ${spec.mtime} ${spec.collisions}`;
  let tree = known.get(conditions);
  if (tree === undefined) {
    session.sandbox ??= openSandbox(context);
    tree = session.sandbox.then((sandbox) => runStep(options, context, sandbox));
    known.set(conditions, tree);
  }
  return tree;
}

/** Whether steps run in one. Throws `E_SANDBOX` where one is required and there is none; else says so once. */
async function openSandbox({ scripts, emit }: BuildContext): Promise<boolean> {
  if (scripts.requireSandbox) await requireBubblewrap("steps", "--require-sandbox");
  const found = await findBubblewrap();
  if (found.bubblewrap !== undefined) return true;
  const message = `Steps run without a sandbox, so they can reach the network and all your files: ${found.reason}`;
  emit({ type: "warning", code: "W_NO_SANDBOX", message, hint: found.mend });
  return false;
}
