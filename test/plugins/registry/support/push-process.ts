/** A process that pushes one blob: `REGISTRY STORE SIZE SEED`. The same name for its bytes whatever the seed is. */
import { createCipheriv } from "node:crypto";
import { pushTarget } from "../../../../plugins/registry/push/push-target.ts";
import { clientOf } from "./asking.ts";
import { layerOf, pushContext, targetOf } from "./pushing.ts";

const [host = "", store = "", size = "", seed = ""] = process.argv.slice(2);
const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, Number(seed)), Buffer.alloc(16));
const layer = layerOf(cipher.update(Buffer.alloc(Number(size))), false, { identity: "a blob" });
const context = await pushContext(store);
await pushTarget(targetOf([layer]), { client: clientOf({ host }), name: "app" }, ["1"], context);
process.disconnect();
