import { buildIfStale } from './build.js'

/** Whole-app tests run the built program: build it once, before any of them starts. */
export default buildIfStale
