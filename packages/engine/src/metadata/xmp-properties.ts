/** The XMP properties that are copied, each with the required form of its value. */

import type { ValueForm } from './xmp-values.js'

/** A namespace with the properties that are kept. */
export interface XmpNamespace {
  /** The one that programs look for, some without asking for its namespace. */
  prefix: string
  uri: string
  properties: Readonly<Record<string, ValueForm>>
}

/** Names, separated by white space, that share a form. */
const all = (form: ValueForm, names: string) =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map(name => [name, form]),
  )

/**
 * Panorama, position and its accuracy, pose, times, camera, lens and calibration. Not among them:
 * serial numbers, names of persons, free text, the network that corrections came from, base64 data
 * (IMUAngularVelocity), and what tells one camera or flight from all others (shutter counts, flight
 * identifiers).
 */
export const KEPT_PROPERTIES: readonly XmpNamespace[] = [
  // https://developers.google.com/streetview/spherical-metadata
  {
    prefix: 'GPano',
    uri: 'http://ns.google.com/photos/1.0/panorama/',
    properties: {
      ...all('boolean', 'UsePanoramaViewer ExposureLockUsed'),
      ...all('name', 'ProjectionType CaptureSoftware StitchingSoftware'),
      ...all('date', 'FirstPhotoDate LastPhotoDate'),
      ...all(
        'number',
        `PoseHeadingDegrees PosePitchDegrees PoseRollDegrees InitialViewHeadingDegrees InitialViewPitchDegrees InitialViewRollDegrees
        InitialHorizontalFOVDegrees InitialVerticalFOVDegrees InitialCameraDolly SourcePhotosCount FullPanoWidthPixels FullPanoHeightPixels
        CroppedAreaImageWidthPixels CroppedAreaImageHeightPixels CroppedAreaLeftPixels CroppedAreaTopPixels LargestValidInteriorRectLeft
        LargestValidInteriorRectTop LargestValidInteriorRectWidth LargestValidInteriorRectHeight`,
      ),
    },
  },
  // Pix4D, "Specifications of XMP Camera tags"; what MicaSense, Parrot, Sentera and DJI add to it.
  {
    prefix: 'Camera',
    uri: 'http://pix4d.com/camera/1.0/',
    properties: {
      ...all('word', 'ModelType PerspectiveFocalLengthUnits RigName BandName'),
      ...all('name', 'HorizCS VertCS'),
      ...all('capture', 'CaptureUUID ImageUniqueID'),
      ...all(
        'numbers',
        `Yaw Pitch Roll GPSXYAccuracy GPSZAccuracy AboveGroundAltitude NominalCameraDistance GyroRate IMUYawAccuracy IMUPitchAccuracy
        IMURollAccuracy IMUSampleSize IMUTimeOffset IMUFrequency IMULinearVelocity LineReadoutTime PrincipalPoint
        PerspectiveFocalLength PerspectiveDistortion FisheyeAffineMatrix FisheyeAffineSymmetric FisheyePolynomial RigCameraIndex RigRelatives
        RigRelativesReferenceRigCameraIndex CentralWavelength CentralWaveLength WavelengthFWHM BandSensitivity BlackCurrent ColorTransform
        ColorMatrix IsNormalized SensorBitDepth DetectorBitDepth SensorTemperature TlinearGain VignettingCenter VignettingPolynomial
        VignettingPolynomial2D VignettingPolynomial2DName TransformAlpha TransformBeta TransformGamma Albedo CalibrationPicture ReflectArea
        Irradiance SpectralIrradiance HorizontalIrradiance ScatteredIrradiance DirectIrradiance IrradianceScaleToSIUnits
        IrradianceExposureTime IrradianceGain IrradianceYaw IrradiancePitch IrradianceRoll IrradianceRelativeRotation SolarAzimuth
        SolarElevation EstimatedDirectLightVector SunSensor SunSensorExposureTime SunSensorSensitivity SunSensorYaw SunSensorPitch
        SunSensorRoll SunSensorRelativeRotation`,
      ),
    },
  },
  {
    prefix: 'MicaSense',
    uri: 'http://micasense.com/MicaSense/1.0/',
    properties: {
      CaptureId: 'capture',
      ...all('numbers', 'RadiometricCalibration DarkRowValue PressureAlt TriggerMethod ImagerTemperatureC'),
    },
  },
  // MicaSense's light sensor.
  {
    prefix: 'DLS',
    uri: 'http://micasense.com/DLS/1.0/',
    properties: all(
      'numbers',
      `SensorId CenterWavelength Bandwidth TimeStamp Exposure Gain SpectralIrradiance HorizontalIrradiance DirectIrradiance
      ScatteredIrradiance RawMeasurement OffMeasurement Yaw Pitch Roll SolarAzimuth SolarElevation EstimatedDirectLightVector`,
    ),
  },
  // DJI's user manuals (Zenmuse P1, Mavic 3M, Matrice 4), "XMP data list". Old drones spell
  // GpsLongtitude.
  {
    prefix: 'drone-dji',
    uri: 'http://www.dji.com/drone-dji/1.0/',
    properties: {
      ...all('word', 'GpsStatus AltitudeType ShutterType ImageSource LRFStatus BandName'),
      ...all('name', 'Version DroneModel ProductName BandFreq'),
      ...all('calibration', 'DewarpData DewarpDataK6'),
      ...all('capture', 'CaptureUUID'),
      ...all('date', 'UTCAtExposure'),
      ...all(
        'numbers',
        `AbsoluteAltitude RelativeAltitude GpsLatitude GpsLongitude GpsLongtitude Latitude Longitude GimbalYawDegree GimbalPitchDegree
        GimbalRollDegree FlightYawDegree FlightPitchDegree FlightRollDegree FlightXSpeed FlightYSpeed FlightZSpeed CamReverse GimbalReverse
        RtkFlag RtkStdLon RtkStdLat RtkStdHgt RtkDiffAge SurveyingMode DewarpFlag CalibratedFocalLength CalibratedOpticalCenterX
        CalibratedOpticalCenterY CalibratedHMatrix DewarpHMatrix RelativeOpticalCenterX RelativeOpticalCenterY SensorTemperature
        LensTemperature SensorFPS LensPosition WhiteBalanceCCT LRFTargetDistance LRFTargetLon LRFTargetLat LRFTargetAlt LRFTargetAbsAlt
        SensorIndex SensorGain SensorGainAdjustment ExposureTime BlackLevel BlackCurrent BandSensitivity CentralWavelength WavelengthFWHM
        Irradiance IrradianceExposureTime IrradianceGain SunSensor SunSensorExposureTime SunSensorYaw SunSensorPitch SunSensorRoll
        VignettingCenter VignettingData VignettingFlag VignettingPolynomial`,
      ),
    },
  },
  // https://developer.parrot.com/docs/groundsdk-tools/photo-metadata.html
  {
    prefix: 'drone-parrot',
    uri: 'http://www.parrot.com/drone-parrot/1.0/',
    properties: {
      ...all('word', 'CameraSpectrum'),
      ...all(
        'numbers',
        `CameraYawDegree CameraPitchDegree CameraRollDegree CameraNedStartQuat DroneYawDegree DronePitchDegree DroneRollDegree DroneLatitude
        DroneLongitude DroneAltitudeEgm96Amsl DroneAltitudeWgs84Ellipsoid UtcTsAccuracy`,
      ),
    },
  },
  { prefix: 'FLIR', uri: 'http://ns.flir.com/xmp/1.0/', properties: { BandName: 'word' } },
  {
    prefix: 'exif',
    uri: 'http://ns.adobe.com/exif/1.0/',
    properties: {
      ...all('date', 'DateTimeOriginal DateTimeDigitized GPSTimeStamp'),
      ...all('coordinate', 'GPSLatitude GPSLongitude'),
      ...all('name', 'GPSImgDirectionRef GPSMapDatum'),
      ...all(
        'numbers',
        `GPSAltitudeRef GPSAltitude GPSImgDirection GPSDOP GPSHPositioningError ExposureTime FNumber FocalLength FocalLengthIn35mmFilm
        FocalPlaneXResolution FocalPlaneYResolution FocalPlaneResolutionUnit ISOSpeedRatings`,
      ),
    },
  },
  { prefix: 'xmp', uri: 'http://ns.adobe.com/xap/1.0/', properties: all('date', 'CreateDate ModifyDate MetadataDate') },
  { prefix: 'photoshop', uri: 'http://ns.adobe.com/photoshop/1.0/', properties: all('date', 'DateCreated') },
  { prefix: 'tiff', uri: 'http://ns.adobe.com/tiff/1.0/', properties: all('name', 'Make Model') },
  { prefix: 'aux', uri: 'http://ns.adobe.com/exif/1.0/aux/', properties: all('name', 'Lens') },
  {
    prefix: 'exifEX',
    uri: 'http://cipa.jp/exif/1.0/',
    properties: { ...all('name', 'LensMake LensModel'), ...all('number', 'PhotographicSensitivity') },
  },
]

/**
 * A namespace's URI without the slash or number sign at its end, which makers now and then forget.
 */
export function withoutEnd(uri: string): string {
  return /[/#]$/.test(uri) ? uri.slice(0, -1) : uri
}

const BY_URI = new Map(KEPT_PROPERTIES.map(namespace => [withoutEnd(namespace.uri), namespace]))

const WELL_KNOWN = new Map([
  ['rdf', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'],
  ['xap', 'http://ns.adobe.com/xap/1.0/'],
  ...KEPT_PROPERTIES.map(({ prefix, uri }) => [prefix, uri] as const),
])

/** The namespace of a URI, whatever ends it. */
export function keptNamespace(uri: string): XmpNamespace | undefined {
  return BY_URI.get(withoutEnd(uri))
}

/** The usual namespace of a prefix; empty for an unknown one. */
export function wellKnownUri(prefix: string): string {
  return WELL_KNOWN.get(prefix) ?? ''
}
