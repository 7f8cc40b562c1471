/** The `iss` of the demo's tokens: a name and no address, so that they stay good whatever port is listened on. */
export const DEMO_ISSUER = 'urn:portcullis:demo'
