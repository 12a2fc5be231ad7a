export {
  ADMIN_HEADER,
  type AdminAccess,
  createAdminSecret,
  readAdminAccess,
  removeAdminAccess,
  writeAdminAccess,
} from './admin.js'
export { buildApp } from './app.js'
export type { ApiDependencies, ApiSettings } from './settings.js'
