import type { DirectoryName } from '../formats/tiff.js'

/**
 * The EXIF tags that are copied: camera, lens, exposure, times, position, resolution.
 * Everything else is dropped, above all tags that can contain an image (thumbnail, MakerNote,
 * UserComment) and what names a person or one single camera (artist, owner, serial numbers).
 * Orientation, size and software are written by us. (Exif 2.32, tables 4, 7, 8, 15, 16; DNG 1.7
 * for the levels by which multispectral cameras are calibrated)
 */
export const KEPT_TAGS: Record<DirectoryName, ReadonlySet<number>> = {
  image: new Set([
    0x010f, // Make
    0x0110, // Model
    0x011a, // XResolution
    0x011b, // YResolution
    0x0128, // ResolutionUnit
    0x0132, // DateTime
    0xc619, // BlackLevelRepeatDim
    0xc61a, // BlackLevel
    0xc61d, // WhiteLevel
  ]),
  exif: new Set([
    0x829a, // ExposureTime
    0x829d, // FNumber
    0x8822, // ExposureProgram
    0x8827, // PhotographicSensitivity
    0x8830, // SensitivityType
    0x8831, // StandardOutputSensitivity
    0x8832, // RecommendedExposureIndex
    0x8833, // ISOSpeed
    0x8834, // ISOSpeedLatitudeyyy
    0x8835, // ISOSpeedLatitudezzz
    0x9000, // ExifVersion
    0x9003, // DateTimeOriginal
    0x9004, // DateTimeDigitized
    0x9010, // OffsetTime
    0x9011, // OffsetTimeOriginal
    0x9012, // OffsetTimeDigitized
    0x9101, // ComponentsConfiguration
    0x9201, // ShutterSpeedValue
    0x9202, // ApertureValue
    0x9203, // BrightnessValue
    0x9204, // ExposureBiasValue
    0x9205, // MaxApertureValue
    0x9206, // SubjectDistance
    0x9207, // MeteringMode
    0x9208, // LightSource
    0x9209, // Flash
    0x920a, // FocalLength
    0x9290, // SubSecTime
    0x9291, // SubSecTimeOriginal
    0x9292, // SubSecTimeDigitized
    0x9400, // AmbientTemperature
    0x9401, // Humidity
    0x9402, // Pressure
    0x9403, // WaterDepth
    0x9404, // Acceleration
    0x9405, // CameraElevationAngle
    0xa000, // FlashpixVersion
    0xa001, // ColorSpace
    0xa20b, // FlashEnergy
    0xa20e, // FocalPlaneXResolution
    0xa20f, // FocalPlaneYResolution
    0xa210, // FocalPlaneResolutionUnit
    0xa215, // ExposureIndex
    0xa217, // SensingMethod
    0xa300, // FileSource
    0xa301, // SceneType
    0xa401, // CustomRendered
    0xa402, // ExposureMode
    0xa403, // WhiteBalance
    0xa404, // DigitalZoomRatio
    0xa405, // FocalLengthIn35mmFilm
    0xa406, // SceneCaptureType
    0xa407, // GainControl
    0xa408, // Contrast
    0xa409, // Saturation
    0xa40a, // Sharpness
    0xa40c, // SubjectDistanceRange
    0xa432, // LensSpecification
    0xa433, // LensMake
    0xa434, // LensModel
    0xa460, // CompositeImage
    0xa500, // Gamma
  ]),
  // GPSVersionID to GPSHPositioningError: all of it.
  gps: new Set(Array.from({ length: 0x20 }, (_, tag) => tag)),
  interoperability: new Set([
    0x0001, // InteroperabilityIndex: R03 marks Adobe RGB
    0x0002, // InteroperabilityVersion
  ]),
}
