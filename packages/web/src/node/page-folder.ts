/** Where the built page is: static files for the coordinator to serve. */
import { fileURLToPath } from 'node:url'

export const pageFolder: string = fileURLToPath(new URL('../../page', import.meta.url))
