export { type AdminServer, startAdmin } from './admin/app.js'
export { buildApp } from './app.js'
export { requestOrigin } from './plugins/origin.js'
export { type ApiDependencies, type ApiSettings, apiSettings, type ModelInfo } from './settings.js'
