/**
 * What OpenDroneMap (opendm/photo.py, opensfm/exif.py of its fork) and MicaSense's imageprocessing
 * (micasense/metadata.py) read of a photo comes through: each property in the place where they look
 * for it, an attribute ("@Camera:Yaw" to them), an element or an array.
 */
import { describe, expect, it } from 'vitest'
import { readTiff } from '../formats/tiff.js'
import { filterExif } from './exif.js'
import { filterXmp } from './xmp.js'
import { KEPT_PROPERTIES } from './xmp-properties.js'

/**
 * OpenDroneMap, as attributes. Sentera:Vignetting* alone are missing: the name of their namespace
 * is not published.
 */
const ATTRIBUTES = {
  'Camera:BandName': 'Red edge',
  'Camera:RigCameraIndex': '2',
  'Camera:ImageUniqueID': 'B9A2F3676304A83F92261B5245124F28',
  'Camera:CaptureUUID': 'B9A2F3676304A83F92261B5245124F28',
  'Camera:GPSXYAccuracy': '0.03',
  'Camera:GPSZAccuracy': '1/20',
  'Camera:ModelType': 'fisheye',
  'Camera:Yaw': '12.5',
  'Camera:Pitch': '0.1',
  'Camera:Roll': '-0.2',
  'drone-dji:CaptureUUID': '123e4567-e89b-12d3-a456-426614174000',
  'drone-dji:SensorGain': '1.000',
  'drone-dji:SensorGainAdjustment': '0.5',
  'drone-dji:Longitude': '+15.440123400',
  'drone-dji:Latitude': '+47.070123400',
  'drone-dji:AbsoluteAltitude': '+427.250',
  'drone-dji:RtkStdLon': '0.01123',
  'drone-dji:RtkStdLat': '0.01078',
  'drone-dji:RtkStdHgt': '0.02314',
  'drone-dji:FlightXSpeed': '+1.2',
  'drone-dji:FlightYSpeed': '-0.3',
  'drone-dji:FlightZSpeed': '0.0',
  'drone-dji:FlightYawDegree': '+111.00',
  'drone-dji:GimbalPitchDegree': '-89.90',
  'drone-dji:GimbalRollDegree': '+0.00',
  'drone-dji:ImageSource': 'InfraredCamera',
  'tiff:Make': 'DJI',
  'tiff:Model': 'FC6310R',
  'aux:Lens': '35.0mm f/2.8',
}

/** OpenDroneMap and OpenSfM, as elements. */
const ELEMENTS = {
  'Camera:BandName': 'NIR',
  'Camera:RigCameraIndex': '4',
  'Camera:HorizontalIrradiance': '112.04168',
  'Camera:IrradianceScaleToSIUnits': '0.01',
  'Camera:SunSensor': '17.04',
  'Camera:SpectralIrradiance': '0.2431197762489318',
  'Camera:Irradiance': '0.84336173534393311',
  'Camera:ModelType': 'perspective',
  'Camera:Yaw': '0/100',
  'Camera:Pitch': '-1.5',
  'Camera:Roll': '0.25',
  'DLS:SensorId': '0',
  'DLS:Yaw': '0.73310724098153246',
  'DLS:Pitch': '0.041357072428789457',
  'DLS:Roll': '0.15388073949005368',
  'FLIR:BandName': 'LWIR',
  'MicaSense:CaptureId': 'DFj0YDYQsRJd6hDUj7qZ',
  'GPano:ProjectionType': 'equirectangular',
}

/** MicaSense, as elements, and DJI's calibration, which Pix4D and Metashape read. */
const OTHERS = {
  'Camera:CentralWavelength': '475',
  'Camera:WavelengthFWHM': '20',
  'Camera:PrincipalPoint': '2.47097,1.80116',
  'Camera:PerspectiveFocalLength': '5.4507902034623514',
  'Camera:PerspectiveFocalLengthUnits': 'mm',
  'Camera:BandSensitivity': '0.26096922524726113',
  'Camera:RigRelatives': '0.3836, -1.27665, -0.1156',
  'Camera:IrradianceExposureTime': '0.10100000351667404',
  'Camera:IrradianceGain': '16',
  'Camera:IrradianceYaw': '42.003950838721998',
  'Camera:IrradiancePitch': '2.3695857031864969',
  'Camera:IrradianceRoll': '8.8167169211321763',
  'Camera:ScatteredIrradiance': '1.5e-07',
  'Camera:DirectIrradiance': '98.1',
  'Camera:SolarAzimuth': '3.1415',
  'Camera:SolarElevation': '0.9',
  'Camera:CalibrationPicture': '2',
  'Camera:Albedo': '0.61',
  'Camera:ReflectArea': '527,409,697,409,697,579,527,579',
  'MicaSense:PressureAlt': '154.74623107910156',
  'drone-dji:GpsLongtitude': '15.4401',
  'drone-dji:GpsStatus': 'RTK',
  'drone-dji:AltitudeType': 'RtkAlt',
  'drone-dji:RtkFlag': '50',
  'drone-dji:RtkDiffAge': '1.0',
  'drone-dji:SurveyingMode': '1',
  'drone-dji:ShutterType': 'Mechanical',
  'drone-dji:UTCAtExposure': '2024-05-01T10:00:00.123',
  'drone-dji:DewarpFlag': '0',
  'drone-dji:DewarpData': '2018-08-23;3681.303437,3687.020134,-29.187923,9.713284,-0.261,0.108,0.0006,-0.0003,-0.0348',
  'drone-dji:DewarpHMatrix': '9.971e-01,-4.9e-03,6.1e+00,5.0e-03,9.972e-01,-1.8e+01,1.7e-07,-1.7e-07,1.0e+00',
  'drone-dji:CalibratedFocalLength': '3666.666504',
  'drone-dji:CalibratedOpticalCenterX': '2736.0',
  'drone-dji:CalibratedOpticalCenterY': '1824.0',
  'drone-dji:SensorTemperature': '41.2',
  'drone-dji:LRFTargetDistance': '120.3',
  'drone-dji:LRFTargetLat': '52.124',
  'drone-parrot:CameraYawDegree': '18.678611755',
}

/** Both, as arrays. */
const ARRAYS = {
  'Camera:VignettingCenter': ['687.00738320456162', '476.97042888281499'],
  'Camera:VignettingPolynomial': ['-0.00010967439073279919', '1.3155710359786701e-06', '-1.1121968712206205e-08'],
  'Camera:PerspectiveDistortion': ['-0.10422069413077152', '0.20411671182430022', '-0.15642129003449237'],
  'Camera:EstimatedDirectLightVector': ['0.1', '-0.2', '0.97'],
  'MicaSense:RadiometricCalibration': ['0.000145914', '1.39479e-07', '1.1714499999999999e-05'],
  'MicaSense:DarkRowValue': ['5206', '5206', '5023', '5032'],
}

/** All that say who flew, with which aircraft and by whose network, or are free text. */
const PERSONAL = {
  'drone-dji:DroneSerialNumber': 'ABC123',
  'drone-dji:CameraSerialNumber': '4711',
  'drone-dji:LensSerialNumber': '4711',
  'drone-dji:ShutterCount': '23122',
  'drone-dji:SelfData': 'field 7',
  'drone-dji:NTRIPHost': 'rtk.example.org',
  'drone-dji:NTRIPPort': '2101',
  'drone-dji:NTRIPMountPoint': 'MSM5',
  'drone-parrot:SerialNumber': 'PI040416',
  'Camera:FlightUUID': '7F8DC95FFCADA339805BD53338EC888E',
  'MicaSense:FlightId': '20Ntb9oCOg7Cm7HUbb1i',
  'MicaSense:PanelSerial': 'RP04-1826203-SC',
  'DLS:Serial': 'DL06-1808359-SC',
}

const namespaces = KEPT_PROPERTIES.map(({ prefix, uri }) => `xmlns:${prefix}="${uri}"`).join(' ')
const attribute = ([name, value]: [string, string]) => ` ${name}="${value}"`
const element = ([name, value]: [string, string]) => `<${name}>${value}</${name}>`
const array = ([name, values]: [string, string[]]) =>
  `<${name}><rdf:Seq>${values.map(value => `<rdf:li>${value}</rdf:li>`).join('')}</rdf:Seq></${name}>`

function fresh(attributes: object, elements: string[] = []): string {
  const source = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description ${namespaces}${Object.entries(attributes).map(attribute).join('')}>${elements.join('')}</rdf:Description></rdf:RDF></x:xmpmeta>`
  const { packet, warnings } = filterXmp(Buffer.from(source))
  expect(warnings).toEqual([])
  return packet ? Buffer.from(packet).toString() : ''
}

describe('XMP of surveys', () => {
  it.each(Object.entries(ATTRIBUTES))('the attribute %s', (name, value) => {
    expect(fresh({ [name]: value })).toContain(attribute([name, value]))
  })

  it.each(Object.entries({ ...ELEMENTS, ...OTHERS }))('the element %s', (name, value) => {
    expect(fresh({}, [element([name, value])])).toContain(element([name, value]))
  })

  it.each(Object.entries(ARRAYS))('the array %s', (name, values) => {
    expect(fresh({}, [array([name, values])])).toContain(array([name, values]))
  })

  it('serial numbers, flights, networks and free text are dropped', () => {
    expect(fresh(PERSONAL)).toBe('')
    expect(fresh({}, Object.entries(PERSONAL).map(element))).toBe('')
  })
})

/**
 * By directory, tag and type. OpenDroneMap's BitsPerSample and size are those of the file; DJI's
 * speeds in MakerNote are in XMP, too.
 */
const EXIF_TAGS = {
  image: {
    Make: 0x010f,
    Model: 0x0110,
    DateTime: 0x0132,
    BlackLevel: 0xc61a,
  },
  exif: {
    ExposureTime: 0x829a,
    FNumber: 0x829d,
    ISOSpeedRatings: 0x8827,
    ISOSpeed: 0x8833,
    DateTimeOriginal: 0x9003,
    DateTimeDigitized: 0x9004,
    OffsetTime: 0x9010,
    OffsetTimeOriginal: 0x9011,
    OffsetTimeDigitized: 0x9012,
    FocalLength: 0x920a,
    SubSecTime: 0x9290,
    SubSecTimeOriginal: 0x9291,
    SubSecTimeDigitized: 0x9292,
    FocalPlaneXResolution: 0xa20e,
    FocalPlaneYResolution: 0xa20f,
    FocalPlaneResolutionUnit: 0xa210,
    FocalLengthIn35mmFilm: 0xa405,
    LensMake: 0xa433,
    LensModel: 0xa434,
  },
  gps: {
    LatitudeRef: 1,
    Latitude: 2,
    LongitudeRef: 3,
    Longitude: 4,
    AltitudeRef: 5,
    Altitude: 6,
    TimeStamp: 7,
    DOP: 0x0b,
    ImgDirection: 0x11,
    MapDatum: 0x12,
    DateStamp: 0x1d,
    Differential: 0x1e,
    HPositioningError: 0x1f,
  },
} as const

/** Those that are not numbers, by their tags in all directories. */
const EXIF_TEXTS: Record<number, string> = {
  ...{ 271: 'DJI', 272: 'FC6310', 306: '2024:05:01 12:30:45', 36867: '2024:05:01 12:30:45' },
  ...{ 36868: '2024:05:01 12:30:45', 36880: '+02:00', 36881: '+02:00', 36882: '-03:30', 37520: '004521' },
  ...{ 37521: '004521', 37522: '004521', 42035: 'Micasense', 42036: 'DJI MFT 15mm F1.7 ASPH' },
  ...{ 1: 'N', 3: 'W', 5: '\x01', 18: 'WGS-84', 29: '2024:05:01' },
}

describe('EXIF of surveys', () => {
  it.each(
    Object.entries(EXIF_TAGS).flatMap(([directory, tags]) =>
      Object.entries(tags).map(([name, tag]) => [directory, name, tag] as const),
    ),
  )('%s: %s', (directory, _, tag) => {
    const text = EXIF_TEXTS[tag]
    const value = text ? Buffer.from(`${text}\0`) : Uint8Array.from({ length: 8 }, (_, i) => i)
    const entry = { tag, type: text ? 2 : 5, count: text ? value.length : 1, value: new Uint8Array(value) }
    const directories = { image: [], exif: [], gps: [], interoperability: [], [directory]: [entry] }
    const found = readTiff(filterExif({ littleEndian: true, directories }, { width: 8, height: 8 }))!
    expect(found.directories[directory as 'gps']).toContainEqual(entry)
  })
})
