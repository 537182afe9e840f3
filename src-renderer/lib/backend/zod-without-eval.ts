import { config } from 'zod'

/** The page's policy forbids `eval`, and zod would try it once for each page. To be imported before any schema. */
config({ jitless: true })
