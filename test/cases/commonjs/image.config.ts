import { buildLayeredImage, defineConfig, text } from "image-dsl";
import { greeting } from "./greeting.ts";

export default defineConfig({ images: buildLayeredImage({ name: "hello", contents: text("/hello", greeting) }) });
