/** `image-dsl/testing`: what tests of plugins need. */
export { validateImage } from "../image/validate.ts";
export { randomClosure, randomImage, randomTree, seededRandom } from "./random.ts";
export type { Random } from "./random.ts";
