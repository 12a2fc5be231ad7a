export {
  ADMIN_HEADER,
  type AdminAccess,
  createAdminSecret,
  readAdminAccess,
  removeAdminAccess,
  writeAdminAccess,
} from './admin.js'
export { buildApp } from './app.js'
export { requestOrigin } from './plugins/origin.js'
export { type ApiDependencies, type ApiSettings, apiSettings } from './settings.js'
