/** The XMP properties that are carried over, each with the form its value must have. */

export interface XmpNamespace {
  prefix: string
  uri: string
  properties: Record<string, ValueForm>
}

export type ValueForm = keyof typeof VALUE_FORMS

/** No form has room for a picture. */
export const VALUE_FORMS = {
  number: /^[+-]?\d{1,12}(\.\d{1,12})?(\/\d{1,12})?$/,
  boolean: /^(true|false)$/i,
  date: /^[\d:.TZ+ -]{4,40}$/,
  coordinate: /^\d{1,3},\d{1,2}(\.\d{1,12}|,\d{1,2}(\.\d{1,12})?)?[NSEW]$/,
  name: /^[\p{L}\p{N} .,:()/+&_-]{1,64}$/u,
} as const

const numbers = (...names: string[]) => Object.fromEntries(names.map(name => [name, 'number' as const]))
const dates = (...names: string[]) => Object.fromEntries(names.map(name => [name, 'date' as const]))

/** Panorama, pose, position, times and camera. */
export const KEPT_PROPERTIES: readonly XmpNamespace[] = [
  {
    prefix: 'GPano',
    uri: 'http://ns.google.com/photos/1.0/panorama/',
    properties: {
      UsePanoramaViewer: 'boolean',
      ExposureLockUsed: 'boolean',
      ProjectionType: 'name',
      CaptureSoftware: 'name',
      StitchingSoftware: 'name',
      ...dates('FirstPhotoDate', 'LastPhotoDate'),
      ...numbers('PoseHeadingDegrees', 'PosePitchDegrees', 'PoseRollDegrees'),
      ...numbers('InitialViewHeadingDegrees', 'InitialViewPitchDegrees', 'InitialViewRollDegrees'),
      ...numbers('InitialHorizontalFOVDegrees', 'InitialVerticalFOVDegrees', 'InitialCameraDolly', 'SourcePhotosCount'),
      ...numbers('CroppedAreaImageWidthPixels', 'CroppedAreaImageHeightPixels', 'CroppedAreaLeftPixels', 'CroppedAreaTopPixels'),
      ...numbers('FullPanoWidthPixels', 'FullPanoHeightPixels'),
      ...numbers('LargestValidInteriorRectLeft', 'LargestValidInteriorRectTop'),
      ...numbers('LargestValidInteriorRectWidth', 'LargestValidInteriorRectHeight'),
    },
  },
  {
    prefix: 'Camera',
    uri: 'http://pix4d.com/camera/1.0',
    properties: numbers('Yaw', 'Pitch', 'Roll', 'GPSXYAccuracy', 'GPSZAccuracy'),
  },
  {
    prefix: 'drone-dji',
    uri: 'http://www.dji.com/drone-dji/1.0/',
    properties: {
      ...numbers('AbsoluteAltitude', 'RelativeAltitude', 'GpsLatitude', 'GpsLongitude'),
      ...numbers('GimbalYawDegree', 'GimbalPitchDegree', 'GimbalRollDegree'),
      ...numbers('FlightYawDegree', 'FlightPitchDegree', 'FlightRollDegree'),
    },
  },
  {
    prefix: 'exif',
    uri: 'http://ns.adobe.com/exif/1.0/',
    properties: {
      ...dates('DateTimeOriginal', 'DateTimeDigitized', 'GPSTimeStamp'),
      GPSLatitude: 'coordinate',
      GPSLongitude: 'coordinate',
      GPSImgDirectionRef: 'name',
      ...numbers('GPSAltitudeRef', 'GPSAltitude', 'GPSImgDirection'),
      ...numbers('ExposureTime', 'FNumber', 'FocalLength', 'FocalLengthIn35mmFilm'),
    },
  },
  { prefix: 'xmp', uri: 'http://ns.adobe.com/xap/1.0/', properties: dates('CreateDate', 'ModifyDate', 'MetadataDate') },
  { prefix: 'photoshop', uri: 'http://ns.adobe.com/photoshop/1.0/', properties: dates('DateCreated') },
  { prefix: 'tiff', uri: 'http://ns.adobe.com/tiff/1.0/', properties: { Make: 'name', Model: 'name' } },
  { prefix: 'aux', uri: 'http://ns.adobe.com/exif/1.0/aux/', properties: { Lens: 'name' } },
  { prefix: 'exifEX', uri: 'http://cipa.jp/exif/1.0/', properties: { LensMake: 'name', LensModel: 'name' } },
]
