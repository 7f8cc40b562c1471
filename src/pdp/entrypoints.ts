/** What is decided on each request. */
export const DECISION = 'mcp/main/decision'
/** What each rule said, for explanations and coverage, never for decisions. */
export const REPORT = 'mcp/main/report'
/** What of a record is not written to the decision log. */
export const MASK = 'mcp/log/mask'
