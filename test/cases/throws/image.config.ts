import { defineConfig } from "image-dsl";
import { readToken } from "./token.ts";

export default defineConfig({ images: readToken() });
